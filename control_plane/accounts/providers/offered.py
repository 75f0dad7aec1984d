"""The providers that the settings name, as allauth knows them. None is in the database."""

from collections.abc import Iterator
from typing import Final

from allauth.socialaccount.models import SocialApp

from control_plane.config import Config

GOOGLE: Final = "https://accounts.google.com"


def list_offered(config: Config) -> Iterator[SocialApp]:
    """In the order in which pages show them."""
    if config.google_client_id:
        yield SocialApp(
            provider="openid_connect",
            provider_id="google",
            name="Google",
            client_id=config.google_client_id,
            secret=config.google_client_secret.get_secret_value(),
            settings={"server_url": GOOGLE},
        )
    if config.facebook_client_id:
        yield SocialApp(
            provider="facebook",
            provider_id="facebook",
            name="Facebook",
            client_id=config.facebook_client_id,
            secret=config.facebook_client_secret.get_secret_value(),
        )
    for provider in config.oidc:
        yield SocialApp(
            provider="openid_connect",
            provider_id=provider.id,
            name=provider.name,
            client_id=provider.client_id,
            secret=provider.client_secret.get_secret_value(),
            settings={"server_url": provider.server_url},
        )
