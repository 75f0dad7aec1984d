"""Fixtures for tests of the control plane: clients with and without an account."""

import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, TypeAlias
from uuid import uuid4

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from control_plane.accounts.models import Role, User
from control_plane.catalogue.models import Asset, Video
from control_plane.limits.counting import open_counter
from control_plane.provider_settings import OpenIdProvider
from control_plane.signing import selectors as signing
from control_plane.signing.selectors import forget_current_key
from tests.openid_provider import OpenIdServer, serve_openid_provider

MakeUser: TypeAlias = Callable[..., User]
MakeVideo: TypeAlias = Callable[..., Video]
LogIn: TypeAlias = Callable[[User | None], APIClient]

KEY_IS_KEPT_S = 3600
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def make_user(db: None) -> MakeUser:  # noqa: ARG001  (asked for what it does)
    """Makes users; each has an address of its own."""

    def make(role: Role = Role.VIEWER, *, email: str | None = None) -> User:
        address = email or f"{role.value}-{User.objects.count()}@example.org"
        return User.objects.create_user(address, "correct horse battery", role=role)

    return make


@pytest.fixture
def admin(make_user: MakeUser) -> User:
    return make_user(Role.ADMIN)


@pytest.fixture
def make_video() -> MakeVideo:
    """Makes videos, published long ago and with an asset unless told otherwise."""

    def make(owner: User, *, is_ready: bool = True, **facts: Any) -> Video:
        facts = {"title": "A film", "published_at": LONG_AGO, **facts}
        video = Video.objects.create(owner=owner, **facts)
        if is_ready:
            video.asset = Asset.objects.create(
                id=uuid4(), video=video, duration_ms=60_000, size_bytes=1, heights=[360, 720]
            )
            video.save()
        return video

    return make


@pytest.fixture
def log_in() -> LogIn:
    """Makes API clients; without a user, one of a visitor."""

    def make(user: User | None) -> APIClient:
        client = APIClient()
        if user is not None:
            client.force_authenticate(user)
        return client

    return make


@pytest.fixture(autouse=True)
def own_cache(settings: Settings) -> None:
    """What one test counts is none of another's, nor of whoever else uses the server."""
    cache = {**settings.CACHES["default"], "KEY_PREFIX": secrets.token_hex(8)}
    settings.CACHES = {"default": cache}
    open_counter.cache_clear()


@pytest.fixture(autouse=True)
def forget_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's database does not hold the keys of the test before; what was read is read again
    after so long that no test counts queries just then."""
    monkeypatch.setattr(signing, "REREAD_S", KEY_IS_KEPT_S)
    forget_current_key()


@pytest.fixture
def visitor(log_in: LogIn) -> APIClient:
    return log_in(None)


@pytest.fixture
def school(settings: Settings) -> Iterator[OpenIdServer]:
    """A provider of the name `school`, the only one."""
    with serve_openid_provider() as provider:
        offered = OpenIdProvider.model_validate(provider.setting)
        settings.CONFIG = settings.CONFIG.model_copy(update={"oidc": (offered,)})
        yield provider
