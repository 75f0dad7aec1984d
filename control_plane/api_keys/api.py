"""My API keys."""

from http import HTTPStatus
from typing import ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from control_plane.accounts.callers import require_caller
from control_plane.activity.models import Kind
from control_plane.activity.services import note
from control_plane.api_keys.models import ApiKey
from control_plane.api_keys.scopes import Scope
from control_plane.api_keys.selectors import access_key
from control_plane.api_keys.services import create_key, revoke_key
from control_plane.idempotency.services import idempotent
from control_plane.openapi import document_refusals


class ApiKeySerializer(serializers.ModelSerializer[ApiKey]):
    """A key without its secret."""

    class Meta:
        model = ApiKey
        fields: ClassVar = ["id", "name", "scopes", "expires_at", "last_used_at", "revoked_at"]


class MadeApiKeySerializer(ApiKeySerializer):
    """A key as it is shown once."""

    key = serializers.CharField(help_text="Sent as `Authorization: Bearer`; never shown again.")

    class Meta(ApiKeySerializer.Meta):
        fields: ClassVar = [*ApiKeySerializer.Meta.fields, "key"]


class NewApiKeySerializer(serializers.ModelSerializer[ApiKey]):
    """What a key is to be for; without scopes it may do nothing."""

    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Scope.choices))
    expires_at = serializers.DateTimeField(required=False, allow_null=True)

    class Meta:
        model = ApiKey
        fields: ClassVar = ["name", "scopes", "expires_at"]


class MyApiKeys(ListAPIView[ApiKey]):
    """My API keys, those that were revoked too."""

    queryset = ApiKey.objects.none()
    serializer_class = ApiKeySerializer

    def get_queryset(self) -> QuerySet[ApiKey]:
        return ApiKey.objects.filter(user=require_caller(self.request))

    @extend_schema(request=NewApiKeySerializer, responses={201: MadeApiKeySerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Make a key for a machine. Its `key` is shown this once."""
        asked = NewApiKeySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        caller = require_caller(request)
        made, text = create_key(caller, **asked.validated_data)
        note(caller, Kind.API_KEY_MADE, request, detail=made.name)
        made.key = text  # type: ignore[attr-defined]
        return Response(MadeApiKeySerializer(made).data, status=HTTPStatus.CREATED)


class MyApiKey(APIView):
    """One of my API keys."""

    @extend_schema(
        responses={204: None, **document_refusals({404: "not_found: no such key of yours."})}
    )
    def delete(self, request: Request, key_id: UUID) -> Response:
        """Revoke it; it opens nothing from the next call on."""
        caller = require_caller(request)
        key = access_key(caller, key_id)
        if revoke_key(key, now=timezone.now()):
            note(caller, Kind.API_KEY_REVOKED, request, detail=key.name)
        return Response(status=HTTPStatus.NO_CONTENT)
