"""Fixtures: a provider that the site offers."""

from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from control_plane.provider_settings import OpenIdProvider
from tests.openid_provider import OpenIdServer, serve_openid_provider


@pytest.fixture
def school(settings: LazySettings) -> Iterator[OpenIdServer]:
    """A provider of the name `school`, the only one."""
    with serve_openid_provider() as provider:
        offered = OpenIdProvider.model_validate(provider.setting)
        settings.CONFIG = settings.CONFIG.model_copy(update={"oidc": (offered,)})
        yield provider
