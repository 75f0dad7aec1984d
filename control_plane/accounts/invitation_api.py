"""Invitations, for administrators."""

from datetime import datetime
from http import HTTPStatus
from typing import Any, ClassVar, Final
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from control_plane.accounts.callers import require_caller
from control_plane.accounts.invitations import (
    Condition,
    access_invitation,
    create_invitation,
    list_invitations,
    narrow,
    revoke_invitation,
)
from control_plane.accounts.models import Invitation
from control_plane.accounts.permissions import IsAdmin
from control_plane.idempotency.services import idempotent
from control_plane.openapi import document_refusals

_NO_SUCH: Final = document_refusals({404: "not_found: no such invitation."})
_REFUSALS: Final = document_refusals(
    {
        409: "account_exists: somebody with this address has an account.",
        503: "mail_failed: the mail server did not take the mail; there is no invitation.",
    }
)


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    """An invitation without its link; `email` is empty where it is for whoever has that."""

    class Meta:
        model = Invitation
        fields: ClassVar = [
            *("id", "email", "role", "invited_by", "made_at", "expires_at"),
            *("revoked_at", "used_at", "used_by"),
        ]


class MadeInvitationSerializer(InvitationSerializer):
    """An invitation as it is shown once."""

    link = serializers.URLField(
        allow_null=True, help_text="To hand on; null where it was mailed. Never shown again."
    )

    class Meta(InvitationSerializer.Meta):
        fields: ClassVar = [*InvitationSerializer.Meta.fields, "link"]


class NewInvitationSerializer(serializers.ModelSerializer[Invitation]):
    """Who is invited: an address, or whoever gets the link."""

    expires_at = serializers.DateTimeField(required=False, help_text="In 14 days, if not given.")

    class Meta:
        model = Invitation
        fields: ClassVar = ["email", "role", "expires_at"]

    def validate_expires_at(self, moment: datetime) -> datetime:
        if moment <= timezone.now():
            raise serializers.ValidationError("That moment is past.")
        return moment


class InvitationFilter(django_filters.FilterSet):
    """`condition`, and `search` in addresses."""

    condition = django_filters.ChoiceFilter(choices=Condition.choices, method="filter_condition")
    search = django_filters.CharFilter(field_name="email", lookup_expr="icontains")

    def filter_condition(
        self, invitations: QuerySet[Invitation], _name: str, condition: str
    ) -> QuerySet[Invitation]:
        return narrow(invitations, Condition(condition), now=timezone.now())


class Invitations(ListAPIView[Invitation]):
    """All invitations."""

    permission_classes = (IsAdmin,)
    queryset = list_invitations()
    serializer_class = InvitationSerializer
    filterset_class = InvitationFilter

    @extend_schema(
        request=NewInvitationSerializer, responses={201: MadeInvitationSerializer, **_REFUSALS}
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Invite somebody. With an address the link is mailed there, without one it is shown this
        once."""
        asked = NewInvitationSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        facts: dict[str, Any] = asked.validated_data
        made, link = create_invitation(
            by=require_caller(request), request=request, now=timezone.now(), **facts
        )
        made.link = link or None  # type: ignore[attr-defined]
        return Response(MadeInvitationSerializer(made).data, status=HTTPStatus.CREATED)


class OneInvitation(APIView):
    """An invitation."""

    permission_classes = (IsAdmin,)

    @extend_schema(responses={200: InvitationSerializer, **_NO_SUCH})
    def get(self, _request: Request, invitation_id: UUID) -> Response:
        """Show it, without its link."""
        return Response(InvitationSerializer(access_invitation(invitation_id)).data)

    @extend_schema(responses={204: None, **_NO_SUCH})
    def delete(self, request: Request, invitation_id: UUID) -> Response:
        """Revoke it: nobody takes it up any more. The account of one that was used stays."""
        revoke_invitation(
            access_invitation(invitation_id),
            by=require_caller(request),
            request=request,
            now=timezone.now(),
        )
        return Response(status=HTTPStatus.NO_CONTENT)
