"""What this deployment is, for programs that meet it for the first time."""

from typing import Any, Final

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from control_plane.config import Creators, SignUpMode

VERSION: Final = "0.1.0"

_MAX_AGE_S: Final = 60


class InfoSerializer(serializers.Serializer[Any]):
    """Names, addresses and versions; nothing of the machines."""

    name = serializers.CharField()
    version = serializers.CharField()
    api = serializers.CharField(help_text="The newest version of the API.")
    issuer = serializers.CharField(help_text="`iss` of this site's playback tokens.")
    edge_url = serializers.URLField()
    openapi_url = serializers.URLField()
    jwks_url = serializers.URLField()
    sign_up = serializers.ChoiceField(
        choices=[mode.value for mode in SignUpMode], help_text="Who may create an account."
    )
    creators = serializers.ChoiceField(
        choices=[mode.value for mode in Creators], help_text="Who becomes a creator."
    )


class Info(APIView):
    """About this deployment."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(responses=InfoSerializer)
    def get(self, _request: Request) -> Response:
        """What it is, and where its parts are."""
        config = settings.CONFIG
        facts = {
            "name": "Sluice",
            "version": VERSION,
            "api": "v1",
            "issuer": config.issuer,
            "edge_url": config.edge_url,
            "openapi_url": f"{config.url}/api/v1/openapi.json",
            "jwks_url": f"{config.url}/.well-known/jwks.json",
            "sign_up": config.sign_up,
            "creators": config.creators,
        }
        return Response(facts, headers={"Cache-Control": f"public, max-age={_MAX_AGE_S}"})
