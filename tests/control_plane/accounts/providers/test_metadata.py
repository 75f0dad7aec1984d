"""Tests for control_plane/accounts/providers/metadata.py: what a provider says of itself."""

from typing import Any, Final

import pytest
from allauth.socialaccount.providers.oauth2.client import OAuth2Error

from control_plane.accounts.providers.metadata import check_metadata, place_metadata

ISSUER: Final = "https://id.example/realms/school"
GOOD: Final = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": "https://tokens.example/token",
    "jwks_uri": "https://keys.example/keys",
}


@pytest.mark.parametrize("issuer", [ISSUER, f"{ISSUER}/"], ids=["as configured", "with a slash"])
def test_metadata_of_the_issuer_are_taken(issuer: str) -> None:
    assert check_metadata({**GOOD, "issuer": issuer}, ISSUER)["issuer"] == issuer


def test_they_lie_where_the_issuer_is() -> None:
    assert place_metadata(ISSUER) == f"{ISSUER}/.well-known/openid-configuration"


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "https://id.example"},
        {"issuer": None},
        {"token_endpoint": "http://tokens.example/token"},
        {"token_endpoint": ["https://tokens.example/token"]},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": ""},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"userinfo_endpoint": "http://169.254.169.254/latest/meta-data"},
    ],
    ids=str,
)
def test_others_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(OAuth2Error):
        check_metadata({**GOOD, **wrong}, ISSUER)


@pytest.mark.parametrize("metadata", [None, [], "text", {}], ids=repr)
def test_what_is_no_document_is_refused(metadata: Any) -> None:
    with pytest.raises(OAuth2Error):
        check_metadata(metadata, ISSUER)


def test_a_server_of_this_machine_leads_to_itself_alone() -> None:
    issuer = "http://127.0.0.1:8080"
    own = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "jwks_uri": f"{issuer}/keys",
    }
    assert check_metadata(own, issuer) == own
    with pytest.raises(OAuth2Error):
        check_metadata({**own, "jwks_uri": "http://127.0.0.1:6379/"}, issuer)
