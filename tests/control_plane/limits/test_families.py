"""Tests for control_plane/limits/families.py."""

import pytest

from control_plane.limits.families import Family, find_family


@pytest.mark.parametrize(
    ("method", "path", "family"),
    [
        ("POST", "/api/v1/auth/login", Family.AUTH),
        ("POST", "/api/v1/browser/auth/signup", Family.AUTH),
        ("POST", "/api/v1/account/password/change", Family.AUTH),
        ("POST", "/api/v1/tokens/refresh", Family.AUTH),
        ("DELETE", "/api/v1/auth/session", Family.AUTH),
        ("GET", "/api/v1/auth/session", Family.GENERAL),
        ("GET", "/api/v1/browser/account/email", Family.GENERAL),
        ("POST", "/api/v1/videos/1/playback", Family.PLAYERS),
        ("POST", "/api/v1/lectures/1/playback", Family.PLAYERS),
        ("POST", "/api/v1/sessions/1/renewal", Family.PLAYERS),
        ("GET", "/api/v1/me/sessions", Family.GENERAL),
        ("GET", "/api/v1/videos", Family.GENERAL),
        ("POST", "/api/v1/videos", Family.GENERAL),
        ("GET", "/api/v1/nowhere", Family.GENERAL),
        ("OPTIONS", "/api/v1/videos", None),
        ("GET", "/", None),
        ("POST", "/admin/accounts/user/add/", None),
        ("GET", "/.well-known/jwks.json", None),
        ("GET", "/readyz", None),
    ],
)
def test_calls_are_counted_by_what_they_are(method: str, path: str, family: Family | None) -> None:
    assert find_family(method, path) is family
