"""My data: a copy of it, and its end. Both ask for the password again."""

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, Serializer
from rest_framework.views import APIView

from control_plane.accounts.callers import require_caller
from control_plane.openapi import document_refusals
from control_plane.personal_data.holdings import describe_holdings
from control_plane.personal_data.services import check_password, delete_account


class PasswordSerializer(Serializer[None]):
    """That it is the holder of the account who asks."""

    password = CharField(max_length=128, trim_whitespace=False)


_REFUSALS = {400: "incorrect_password", 429: "too_many_login_attempts"}


class Export(APIView):
    """All that is held on me."""

    @extend_schema(
        request=PasswordSerializer,
        responses={
            200: OpenApiResponse(OpenApiTypes.OBJECT, description="Rows by the table they are in."),
            **document_refusals(_REFUSALS),
        },
    )
    def post(self, request: Request) -> Response:
        """A copy of all that is held on me, as JSON."""
        caller = require_caller(request)
        check_password(caller, _read_password(request))
        headers = {
            "Content-Disposition": 'attachment; filename="my-data.json"',
            "Cache-Control": "no-store",
        }
        return Response(describe_holdings(caller), headers=headers)


class Deletion(APIView):
    """The end of my account."""

    @extend_schema(
        request=PasswordSerializer,
        responses={
            204: None,
            **document_refusals({**_REFUSALS, 409: "last_admin: nobody would be left."}),
        },
    )
    def post(self, request: Request) -> Response:
        """Delete my account and all films of mine. It cannot be undone."""
        caller = require_caller(request)
        check_password(caller, _read_password(request))
        delete_account(caller, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


def _read_password(request: Request) -> str:
    asked = PasswordSerializer(data=request.data)
    asked.is_valid(raise_exception=True)
    return str(asked.validated_data["password"])
