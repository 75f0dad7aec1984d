"""Who waits to be let in, for administrators."""

from http import HTTPStatus
from typing import ClassVar, Final
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from control_plane.accounts.applications import State, access_application, decide, list_applications
from control_plane.accounts.callers import require_caller
from control_plane.accounts.models import Application
from control_plane.accounts.permissions import IsAdmin
from control_plane.openapi import document_refusals
from control_plane.paging import NewestFirst

_REFUSALS: Final = document_refusals(
    {
        404: "not_found: no such application, or the address is not confirmed yet.",
        409: "application_decided: it was decided already.",
        503: "mail_failed: the mail server did not take the mail; nothing was done.",
    }
)


class ApplicationSerializer(serializers.ModelSerializer[Application]):
    """Somebody who signed up and waits, or did."""

    email = serializers.EmailField(source="user.email")
    display_name = serializers.CharField(source="user.display_name")

    class Meta:
        model = Application
        fields: ClassVar = [
            *("user", "email", "display_name"),
            *("state", "made_at", "decided_at", "decided_by"),
        ]


class ApplicationsNewestFirst(NewestFirst):
    """An application has the identifier of its user."""

    ordering = "-user_id"


class Applications(ListAPIView[Application]):
    """Who waits to be let in, and what was decided of others. Only confirmed addresses are here."""

    permission_classes = (IsAdmin,)
    queryset = list_applications()
    serializer_class = ApplicationSerializer
    filterset_fields = ("state",)
    pagination_class = ApplicationsNewestFirst


class Decision(APIView):
    """What an administrator makes of an application."""

    permission_classes = (IsAdmin,)
    state: ClassVar[Application.State]

    def decide(self, request: Request, applicant_id: UUID) -> Response:
        application = access_application(applicant_id)
        caller, now = require_caller(request), timezone.now()
        decide(application, self.state, by=caller, request=request, now=now)
        return Response(status=HTTPStatus.NO_CONTENT)


class Approval(Decision):
    """The end of the waiting."""

    state = State.APPROVED

    @extend_schema(request=None, responses={204: None, **_REFUSALS})
    def post(self, request: Request, applicant_id: UUID) -> Response:
        """Let somebody in, also who was declined before; they are told by mail."""
        return self.decide(request, applicant_id)


class Refusal(Decision):
    """The end of the wish."""

    state = State.DECLINED

    @extend_schema(request=None, responses={204: None, **_REFUSALS})
    def post(self, request: Request, applicant_id: UUID) -> Response:
        """Do not let somebody in: the account is shut, and they are told by mail."""
        return self.decide(request, applicant_id)
