"""Somebody's second factors, for administrators."""

from typing import ClassVar
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, ModelSerializer

from control_plane.accounts.callers import require_caller
from control_plane.accounts.permissions import IsAdmin
from control_plane.accounts.second_factors import list_factors, remove_factors
from control_plane.accounts.services import access_user
from control_plane.openapi import document_refusals


class FactorSerializer(ModelSerializer[Authenticator]):
    """A second factor; its secret is shown to nobody."""

    name = CharField(source="data.name", default="", read_only=True, help_text="Of a passkey.")

    class Meta:
        model = Authenticator
        fields: ClassVar = ["id", "type", "name", "created_at", "last_used_at"]


class FactorsOfUser(ListAPIView[Authenticator]):
    """Somebody's second factors."""

    queryset = Authenticator.objects.none()
    serializer_class = FactorSerializer
    permission_classes = (IsAdmin,)
    pagination_class = None

    def get_queryset(self) -> QuerySet[Authenticator]:
        return list_factors(access_user(self.kwargs["user_id"]))

    @extend_schema(responses={204: None, **document_refusals({503: "mail_failed: not told."})})
    def delete(self, request: Request, user_id: UUID) -> Response:
        """Remove all of them, for who has lost them. The holder is told by mail."""
        remove_factors(access_user(user_id), by=require_caller(request), request=request)
        return Response(status=status.HTTP_204_NO_CONTENT)
