"""Fixtures for tests of playback: a film of somebody's, and what edges make of URLs."""

from collections.abc import Callable
from typing import TypeAlias
from urllib.parse import urlsplit

import pytest
from django.test import Client

from control_plane.accounts.models import Role, User
from control_plane.catalogue.models import Video
from shared.keyring import parse_jwks
from shared.paths import MediaUrl, parse_media_path
from shared.tokens import Claims, verify_token
from tests.control_plane.conftest import MakeUser, MakeVideo

ReadClaims: TypeAlias = Callable[[str], Claims]


@pytest.fixture
def owner(make_user: MakeUser) -> User:
    return make_user(Role.CREATOR)


@pytest.fixture
def film(owner: User, make_video: MakeVideo) -> Video:
    """For members."""
    return make_video(owner)


def parse(url: str) -> MediaUrl:
    parsed = parse_media_path(urlsplit(url).path)
    assert parsed is not None
    return parsed


def read_claims(url: str) -> Claims:
    """Verified with the keys that we publish."""
    token = parse(url).token
    assert token is not None
    document = Client().get("/.well-known/jwks.json").content
    return verify_token(token, parse_jwks(document, issuer="http://testserver"))
