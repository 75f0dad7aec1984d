"""Other sites' keys and ceilings: for edges, and for administrators to change."""

from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from control_plane.accounts.permission_names import Permission
from control_plane.accounts.permissions import holds
from control_plane.activity.services import note_deed
from control_plane.idempotency.services import idempotent
from control_plane.issuers.models import Issuer
from control_plane.issuers.selectors import access_issuer, published_issuers
from control_plane.issuers.serializers import IssuerSerializer
from control_plane.issuers.services import delete_issuer
from control_plane.signing.api import MAX_AGE_S

_CONTENT_TYPE: Final = "application/json"


@require_safe
@cache_control(public=True, max_age=MAX_AGE_S)
def show_issuers(_request: HttpRequest) -> HttpResponse:
    """`shared.issuers` says what it holds."""
    return HttpResponse(published_issuers(now=timezone.now()), content_type=_CONTENT_TYPE)


class Issuers(ListAPIView[Issuer]):
    """Other sites that may sign."""

    permission_classes = (holds(Permission.MANAGE_ISSUERS),)
    queryset = Issuer.objects.prefetch_related("videos")
    serializer_class = IssuerSerializer

    @extend_schema(request=IssuerSerializer, responses={201: IssuerSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Let a site sign tokens for its own members, up to its ceiling."""
        given = IssuerSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        given.save()
        note_deed(request, f"Registered site {given.data['issuer']}")
        return Response(given.data, status=HTTPStatus.CREATED)


class OneIssuer(APIView):
    """A site that may sign."""

    permission_classes = (holds(Permission.MANAGE_ISSUERS),)

    @extend_schema(responses=IssuerSerializer)
    def get(self, request: Request, issuer_id: int) -> Response:
        """Show it."""
        return Response(IssuerSerializer(access_issuer(issuer_id)).data)

    @extend_schema(request=IssuerSerializer, responses=IssuerSerializer)
    def patch(self, request: Request, issuer_id: int) -> Response:
        """Change its keys or its ceiling; a key that is taken away ends what it signed."""
        given = IssuerSerializer(access_issuer(issuer_id), data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        given.save()
        note_deed(request, f"Changed site {given.data['issuer']}")
        return Response(given.data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, issuer_id: int) -> Response:
        """Let it sign no more, and end all that it signed."""
        issuer = access_issuer(issuer_id)
        delete_issuer(issuer, now=timezone.now())
        note_deed(request, f"Removed site {issuer.issuer}")
        return Response(status=HTTPStatus.NO_CONTENT)
