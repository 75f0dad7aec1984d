"""OpenID Connect: the code flow with PKCE and a nonce, and ID tokens that programs bring.

Allauth's own provider knows no nonce, takes the signature of a token that it fetched itself for
good, believes what the userinfo endpoint says of anybody, and fails over odd answers.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

from allauth.account.models import EmailAddress
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest
from requests import RequestException

from control_plane.accounts.providers.id_tokens import derive_nonce, read_id_token
from control_plane.accounts.providers.metadata import check_metadata, place_metadata
from control_plane.accounts.providers.people import keep_usable

# What is kept of somebody, to show whose account it is.
_KEPT: Final = ("sub", "email", "name")


class OpenIdClient(OpenIDConnectOAuth2Adapter):
    """The calls to a provider."""

    _nonce = ""

    @cached_property
    def openid_config(self) -> Mapping[str, Any]:
        issuer = self.get_provider().app.settings["server_url"]
        return check_metadata(fetch(place_metadata(issuer)), issuer)

    def get_access_token_data(
        self, request: HttpRequest, app: Any, client: Any, pkce_code_verifier: str
    ) -> Any:
        self._nonce = derive_nonce(pkce_code_verifier)
        return super().get_access_token_data(request, app, client, pkce_code_verifier)

    def complete_login(
        self, request: HttpRequest, _app: Any, token: SocialToken, **answer: Any
    ) -> SocialLogin:
        claims = self.read(answer["response"].get("id_token"))
        if claims.get("nonce") != self._nonce:
            raise OAuth2Error("The ID token was not made for this log-in.")
        if "email" not in claims and "userinfo_endpoint" in self.openid_config:
            claims = self._ask_for_more(claims, token.token)
        return self.get_provider().sociallogin_from_response(request, claims)

    def read(self, id_token: Any) -> Mapping[str, Any]:
        """The claims of an ID token; raises `OAuth2Error`."""
        return read_id_token(
            id_token,
            fetch(self.openid_config["jwks_uri"]),
            issuer=self.openid_config["issuer"],
            client_id=self.get_provider().app.client_id,
        )

    def _ask_for_more(self, claims: Mapping[str, Any], access_token: str) -> Mapping[str, Any]:
        """What the userinfo endpoint adds, if it speaks of the same person (Core, 5.3.2)."""
        more = fetch(self.profile_url, Authorization=f"Bearer {access_token}")
        if not isinstance(more, dict) or more.get("sub") != claims["sub"]:
            raise OAuth2Error("The userinfo endpoint speaks of somebody else.")
        return {**more, **claims}


class OpenIdConnect(OpenIDConnectProvider):
    """A provider that settings name, by allauth's names."""

    oauth2_adapter_class = OpenIdClient
    pkce_enabled_default = True

    def get_pkce_params(self) -> dict[str, Any]:
        """With the nonce, which comes from the verifier and so needs no place of its own."""
        params = super().get_pkce_params()
        return {**params, "nonce": derive_nonce(params["code_verifier"])}

    def serialize(self) -> dict[str, Any]:
        """By its own id: two providers may know this site as the same client."""
        return {**super().serialize(), "id": self.sub_id}

    def sociallogin_from_response(self, request: HttpRequest, response: Any) -> SocialLogin:
        return super().sociallogin_from_response(request, keep_usable(response, uid="sub"))

    def extract_extra_data(self, data: Mapping[str, Any]) -> dict[str, Any]:
        return {name: data[name] for name in _KEPT if name in data}

    def extract_email_addresses(self, data: Mapping[str, Any]) -> list[EmailAddress]:
        email, verified = data.get("email"), data.get("email_verified") is True
        return [EmailAddress(email=email, verified=verified, primary=True)] if email else []

    def verify_token(self, request: HttpRequest, token: Mapping[str, Any]) -> SocialLogin:
        try:
            claims = self.get_oauth2_adapter(request).read(token.get("id_token"))
            return self.sociallogin_from_response(request, claims)
        except (OAuth2Error, RequestException) as error:
            raise get_adapter().validation_error("invalid_token") from error


def fetch(url: str, **headers: str) -> Any:
    """The JSON that a provider answers with; raises what `requests` does."""
    with get_adapter().get_requests_session() as session:
        answer = session.get(url, headers=headers)
        answer.raise_for_status()
        return answer.json()
