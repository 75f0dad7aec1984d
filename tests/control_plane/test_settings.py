"""Tests for control_plane/settings.py: what must hold under any environment."""

import os
import secrets
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


def print_settings(expression: str, **environment: str) -> str:
    """What the settings `s` are in another environment, in a process of their own."""
    printed = subprocess.run(
        [sys.executable, "-c", f"from control_plane import settings as s; print({expression})"],
        env={**os.environ, **environment},  # noqa: TID251
        capture_output=True,
        text=True,
        check=True,
    )
    return printed.stdout.strip()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://video.example", "True True True https ['localhost', 'video.example']"),
        ("http://video.example:81", "False False False http ['localhost', 'video.example']"),
    ],
    ids=["https", "http"],
)
def test_over_https_everything_is_secure(url: str, expected: str) -> None:
    printed = print_settings(
        "s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0,"
        " s.ACCOUNT_DEFAULT_HTTP_PROTOCOL, s.ALLOWED_HOSTS",
        SLUICE_CONTROL_URL=url,
        SLUICE_CONTROL_ALLOWED_HOSTS="localhost",
    )
    assert printed == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://u:p@/db?host=/run/pg", "db u p /run/pg '' None"),
        ("postgresql://u:p@db.example:5433/db?sslmode=require", "db u p db.example '5433' require"),
    ],
    ids=["socket", "server"],
)
def test_a_database_is_reached_as_its_url_says(url: str, expected: str) -> None:
    printed = print_settings(
        "*(s.DATABASES['default'][n] for n in ('NAME', 'USER', 'PASSWORD', 'HOST')),"
        " repr(s.DATABASES['default']['PORT']), s.DATABASES['default']['OPTIONS'].get('sslmode')",
        DATABASE_URL=url,
    )
    assert printed == expected


@pytest.mark.parametrize(
    ("environment", "backend"),
    [({}, "console"), ({"SLUICE_CONTROL_EMAIL_HOST": "mail.example"}, "smtp")],
    ids=["no server", "a server"],
)
def test_mail_is_printed_until_a_server_is_named(environment: dict[str, str], backend: str) -> None:
    ours = "__import__('control_plane.settings').settings"
    printed = print_settings(f"{ours}.EMAIL_BACKEND", **environment)
    assert printed == f"django.core.mail.backends.{backend}.EmailBackend"


@pytest.mark.parametrize(
    ("environment", "site"),
    [
        ({}, "https://video.example"),
        ({"SLUICE_CONTROL_FRONT_END_URL": FRONT_END}, FRONT_END),
    ],
    ids=["ours", "another"],
)
def test_links_in_mails_lead_to_the_front_end(environment: dict[str, str], site: str) -> None:
    printed = print_settings(
        "*s.HEADLESS_FRONTEND_URLS.values()",
        SLUICE_CONTROL_URL="https://video.example",
        **environment,
    )
    assert printed.split() == [
        f"{site}/{path}"
        for path in ("verify/{key}", "reset", "reset/{key}", "signup", "login/return")
    ]


def test_production_settings_pass_the_checks_of_deployment() -> None:
    command = [sys.executable, "-W", "error", "-m", "control_plane.manage", "check", "--deploy"]
    checked = subprocess.run(
        [*command, "--fail-level", "WARNING"],
        env={
            **os.environ,  # noqa: TID251
            "DJANGO_SETTINGS_MODULE": "control_plane.settings",
            "SLUICE_CONTROL_URL": "https://video.example",
            "SLUICE_CONTROL_SECRET_KEY": secrets.token_urlsafe(60),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize(
    ("path", "forwarded", "status"),
    [
        ("/api/v1/info", "http", 301),
        ("/api/v1/info", "https", 200),
        ("/livez", "http", 200),
        ("/.well-known/issuers.json", "http", 200),
    ],
)
@pytest.mark.django_db
def test_without_tls_only_neighbours_are_answered(
    path: str, forwarded: str, status: int, settings: Settings
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    answer = Client().get(path, headers={"X-Forwarded-Proto": forwarded})
    assert answer.status_code == status
