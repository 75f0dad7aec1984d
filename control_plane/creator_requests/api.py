"""My request to become a creator."""

from http import HTTPStatus

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from control_plane.accounts.callers import require_caller
from control_plane.creator_requests.selectors import find_newest
from control_plane.creator_requests.serializers import CreatorRequestSerializer
from control_plane.creator_requests.services import ask, withdraw
from control_plane.errors import require
from control_plane.idempotency.services import idempotent
from control_plane.openapi import document_refusals

_REFUSALS = document_refusals(
    {
        403: "creator_requests_closed: it cannot be asked for here.",
        409: "creator_already. creator_request_pending: it waits for a decision. "
        "creator_request_too_soon: it was declined not long ago; `may_ask_at` says when.",
    }
)


class MyCreatorRequest(APIView):
    """My request to become a creator."""

    @extend_schema(
        responses={
            200: CreatorRequestSerializer,
            **document_refusals({404: "not_found: you never asked."}),
        }
    )
    def get(self, request: Request) -> Response:
        """What I asked last, and what came of it."""
        row = require(find_newest(require_caller(request)), "You have not asked.")
        return Response(CreatorRequestSerializer(row).data)

    @extend_schema(
        request=CreatorRequestSerializer, responses={201: CreatorRequestSerializer, **_REFUSALS}
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Ask, saying why. Where everybody may be a creator it is `approved` at once."""
        asked = CreatorRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        caller, now = require_caller(request), timezone.now()
        row = ask(caller, asked.validated_data["message"], now=now, request=request)
        return Response(CreatorRequestSerializer(row).data, status=HTTPStatus.CREATED)

    @extend_schema(
        responses={204: None, **document_refusals({404: "not_found: none of yours is pending."})}
    )
    def delete(self, request: Request) -> Response:
        """Withdraw it."""
        withdraw(require_caller(request), now=timezone.now(), request=request)
        return Response(status=HTTPStatus.NO_CONTENT)
