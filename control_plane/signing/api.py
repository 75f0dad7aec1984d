"""The JWK Set that edges fetch, and the keys as administrators see them."""

from http import HTTPStatus
from typing import ClassVar, Final

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from control_plane.accounts.permissions import IsAdmin
from control_plane.activity.services import note_deed
from control_plane.openapi import document_refusals
from control_plane.paging import NewestFirst
from control_plane.signing.models import SigningKey
from control_plane.signing.rotation import declare_compromised, rotate_keys
from control_plane.signing.selectors import forget_current_key, published_jwks

MAX_AGE_S: Final = 60


@require_safe
@cache_control(public=True, max_age=MAX_AGE_S)
def show_jwks(_request: HttpRequest) -> HttpResponse:
    """RFC 7517 section 5."""
    return HttpResponse(published_jwks(now=timezone.now()), content_type="application/jwk-set+json")


class SigningKeySerializer(serializers.ModelSerializer[SigningKey]):
    """A key without its private half; `since` is when it entered its stage."""

    class Meta:
        model = SigningKey
        fields: ClassVar = ["kid", "stage", "since", "public_jwk", "created_at"]
        read_only_fields = fields


class NewestKeyFirst(NewestFirst):
    """Keys are named by what they are, so that they sort by when they were made."""

    ordering = "-created_at"


class SigningKeys(ListAPIView[SigningKey]):
    """The keys that sign playback tokens."""

    permission_classes = (IsAdmin,)
    queryset = SigningKey.objects.all()
    serializer_class = SigningKeySerializer
    pagination_class = NewestKeyFirst


class RotateKeys(APIView):
    """Rotating."""

    permission_classes = (IsAdmin,)

    @extend_schema(
        request=None,
        responses={
            204: None,
            **document_refusals({409: "`next_key_too_young`: some edge may not know it yet."}),
        },
    )
    def post(self, request: Request) -> Response:
        """Let the next key sign from now on; films that play go on playing."""
        rotate_keys(now=timezone.now())
        note_deed(request, "Rotated the signing keys")
        return Response(status=HTTPStatus.NO_CONTENT)


class CompromisedKey(APIView):
    """A key that somebody else has."""

    permission_classes = (IsAdmin,)

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, kid: str) -> Response:
        """Revoke it and have another in its place; all that it has signed ends within seconds."""
        declare_compromised(kid, now=timezone.now())
        forget_current_key()
        note_deed(request, f"Declared signing key {kid} compromised")
        return Response(status=HTTPStatus.NO_CONTENT)
