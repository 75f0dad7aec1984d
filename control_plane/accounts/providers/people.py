"""What providers say of somebody, in a form that can be kept."""

from collections.abc import Mapping
from typing import Any

from allauth.socialaccount.app_settings import UID_MAX_LENGTH
from allauth.socialaccount.providers.oauth2.client import OAuth2Error


def keep_usable(said: Mapping[str, Any], *, uid: str) -> dict[str, Any]:
    """The texts in it, and that an address is verified where that is plainly said: "false" in
    quotes would be true. Raises `OAuth2Error` where the member `uid` does not name anybody."""
    texts = {
        name: value
        for name, value in said.items()
        if isinstance(value, str) and "\0" not in value  # which no database keeps
    }
    if not 0 < len(texts.get(uid, "")) <= UID_MAX_LENGTH:
        raise OAuth2Error("The provider does not say who it is.")
    return {**texts, "email_verified": said.get("email_verified") is True}
