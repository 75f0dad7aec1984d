"""Tests for control_plane/settings.py: what must hold under any environment."""

import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client
from pytest_django import Settings

FRONT_END = "https://app.example"


@pytest.fixture
def client(settings: Settings) -> Client:
    settings.CORS_ALLOWED_ORIGINS = [FRONT_END]
    return Client()


def ask(client: Client, origin: str, path: str = "/api/v1/me") -> Any:
    return client.options(
        path,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "PATCH",
            "Access-Control-Request-Headers": "authorization,tus-resumable,upload-offset",
        },
    )


def test_another_front_end_may_call_the_api(client: Client) -> None:
    headers = ask(client, FRONT_END).headers
    assert headers["Access-Control-Allow-Origin"] == FRONT_END
    assert headers["Access-Control-Allow-Credentials"] == "true"
    assert {"tus-resumable", "upload-offset"} <= set(
        headers["Access-Control-Allow-Headers"].split(", ")
    )


def test_it_reads_the_headers_of_resumable_uploads(client: Client) -> None:
    headers = client.get("/api/v1/openapi.json", headers={"Origin": FRONT_END}).headers
    exposed = headers["Access-Control-Expose-Headers"].split(", ")
    assert {"location", "upload-offset", "tus-resumable"} <= set(exposed)


@pytest.mark.parametrize(
    ("origin", "path"),
    [("https://evil.example", "/api/v1/me"), ("null", "/api/v1/me"), (FRONT_END, "/login")],
    ids=["another site", "no site", "a page of ours"],
)
def test_nobody_else_may(client: Client, origin: str, path: str) -> None:
    assert "Access-Control-Allow-Origin" not in ask(client, origin, path).headers


def test_cookies_are_kept_from_scripts_and_other_sites() -> None:
    assert configured.SESSION_COOKIE_HTTPONLY
    assert configured.SESSION_COOKIE_SAMESITE == configured.CSRF_COOKIE_SAMESITE == "Lax"


def load_settings(**environment: str) -> subprocess.CompletedProcess[str]:
    """Load the settings in a process of their own and print what depends on the URL."""
    code = (
        "from tests import settings as s;"
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0,"
        " s.ACCOUNT_DEFAULT_HTTP_PROTOCOL, s.EMAIL_HOST)"
    )
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},  # noqa: TID251
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("url", "secure"),
    [
        ("https://video.example", "True True True https"),
        ("http://localhost", "False False False http"),
    ],
)
def test_over_https_everything_is_secure(url: str, secure: str) -> None:
    assert load_settings(SLUICE_CONTROL_URL=url).stdout.strip() == secure
