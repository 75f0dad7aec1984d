"""Facebook, which speaks OAuth 2 and a protocol of its own."""

from collections.abc import Mapping
from typing import Any, Final

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.facebook.provider import FacebookProvider
from allauth.socialaccount.providers.facebook.views import FacebookOAuth2Adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.http import HttpRequest

from control_plane.accounts.providers.people import keep_usable

_FIELDS: Final = ("id", "email", "name", "first_name", "last_name")
_KEPT: Final = ("id", "email", "name")


class FacebookClient(FacebookOAuth2Adapter):
    """The calls to Facebook. With GET, the secret would stand in addresses, and allauth would
    leave out the verifier that PKCE is about."""

    access_token_method = "POST"  # noqa: S105  (a method)


class Facebook(FacebookProvider):
    """The provider, by allauth's names. It never says of an address that it is verified."""

    oauth2_adapter_class = FacebookClient
    pkce_enabled_default = True

    def get_settings(self) -> dict[str, Any]:
        """No more is asked than is used, and no token is kept."""
        return {"FIELDS": list(_FIELDS), "APP_TOKEN_CACHE_TIMEOUT": 0}

    def sociallogin_from_response(self, request: HttpRequest, response: Any) -> SocialLogin:
        return super().sociallogin_from_response(request, keep_usable(response, uid="id"))

    def extract_extra_data(self, data: Mapping[str, Any]) -> dict[str, Any]:
        return {name: data[name] for name in _KEPT if name in data}

    def verify_token(self, request: HttpRequest, token: dict[str, Any]) -> SocialLogin:
        try:
            return super().verify_token(request, token)
        except (OAuth2Error, AttributeError, KeyError, TypeError) as error:
            raise get_adapter().validation_error("invalid_token") from error
