"""What an operator says of an OpenID Connect provider, as JSON in the environment."""

import json
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic_settings import NoDecode

# Names that addresses and the database know already.
_TAKEN: Final = frozenset({"google", "facebook"})
_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def _check_server_url(url: str) -> str:
    """Who somebody is comes over TLS, but from this machine."""
    parts = urlsplit(url)
    if not parts.hostname or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("not the URL of a server")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _HERE):
        raise ValueError("not https")
    return url.removesuffix("/")


class OpenIdProvider(BaseModel):
    """A provider. Its `id` is part of the address to which it sends people back; `server_url` is
    its issuer, below which `.well-known/openid-configuration` lies."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")
    name: str = Field(min_length=1, max_length=40)
    server_url: Annotated[str, AfterValidator(_check_server_url)]
    client_id: str = Field(min_length=1, max_length=191)
    client_secret: SecretStr = Field(min_length=1)


def parse_providers(text: Any) -> Any:
    """For a `BeforeValidator`, beside `NoDecode`: what is no JSON is told by the setting's name."""
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except ValueError:
        raise ValueError("not JSON") from None  # which would show what was written


def _check_ids(providers: tuple[OpenIdProvider, ...]) -> tuple[OpenIdProvider, ...]:
    names = [provider.id for provider in providers]
    if len(set(names)) < len(names) or not _TAKEN.isdisjoint(names):
        raise ValueError("each provider needs an id of its own; google and facebook are taken")
    return providers


OpenIdProviders = Annotated[
    tuple[OpenIdProvider, ...],
    NoDecode,
    BeforeValidator(parse_providers),
    AfterValidator(_check_ids),
]
