"""My data: a copy of it, and its end. Both ask for the password again, and for a log-in that was
just now where there is none."""

import time

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, Serializer
from rest_framework.views import APIView

from control_plane.accounts.callers import require_caller
from control_plane.accounts.models import User
from control_plane.accounts.recent_log_ins import check_recent_log_in, find_session
from control_plane.openapi import document_refusals
from control_plane.personal_data.holdings import describe_holdings
from control_plane.personal_data.services import check_password, delete_account


class PasswordSerializer(Serializer[None]):
    """That it is the holder of the account who asks."""

    password = CharField(
        max_length=128,
        trim_whitespace=False,
        required=False,
        help_text="Left out by who has none; the log-in has to be of the last ten minutes then.",
    )


_REFUSALS = {
    400: "incorrect_password",
    401: "reauthentication_required: there is no password, and the log-in is too long ago.",
    429: "too_many_login_attempts",
}


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
        _check_holder(caller, request)
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
        _check_holder(caller, request)
        delete_account(caller, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


def _check_holder(caller: User, request: Request) -> None:
    """Raises `Refused`, or REST framework's `ValidationError`."""
    asked = PasswordSerializer(data=request.data)
    asked.is_valid(raise_exception=True)
    password = asked.validated_data.get("password")
    if not caller.has_usable_password():
        check_recent_log_in(caller, find_session(request), now=time.time())
    elif password is None:
        raise ValidationError({"password": "This field is required."}, "required")
    else:
        check_password(caller, password)
