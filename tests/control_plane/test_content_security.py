"""Tests for control_plane/content_security.py: the policy of each kind of page."""

import pytest
from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from control_plane.content_security import origin_of, player_additions


def show_plain(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()


show_player = csp_update(player_additions("https://edge.test/"))(show_plain)

urlpatterns = [
    path("plain", show_plain),
    path("player", show_player),
    path("admin/plain", show_plain),
    path("", include("control_plane.urls")),
]

pytestmark = pytest.mark.urls("tests.control_plane.test_content_security")

INLINE_STYLES = {"'self'", "'unsafe-inline'"}


def read_policy(url: str) -> dict[str, set[str]]:
    header = Client().get(url).headers["Content-Security-Policy"]
    return {name: set(values) for name, *values in map(str.split, header.split(";"))}


def test_a_page_loads_what_is_ours_and_posters_from_the_edge() -> None:
    assert read_policy("/plain") == {
        "default-src": {"'self'"},
        "script-src": {"'self'"},
        "style-src": {"'self'"},
        "img-src": {"'self'", "data:", "http://edge.test"},
        "object-src": {"'none'"},
        "base-uri": {"'none'"},
        "form-action": {"'self'"},
        "frame-ancestors": {"'none'"},
    }


def test_a_page_with_a_player_may_also_reach_the_edge() -> None:
    policy = read_policy("/player")
    assert policy["style-src"] == INLINE_STYLES
    assert policy["connect-src"] == {"'self'", "https://edge.test"}
    assert policy["media-src"] >= {"blob:", "https://edge.test"}
    assert policy["worker-src"] == {"'self'", "blob:"}
    assert policy["script-src"] == {"'self'"}


def test_the_admin_alone_may_evaluate_scripts() -> None:
    assert read_policy("/admin/plain")["script-src"] == {"'self'", "'unsafe-eval'"}
    assert read_policy("/admin/plain")["style-src"] == INLINE_STYLES


@pytest.mark.urls("control_plane.urls")
def test_the_pages_about_the_api_may_set_styles_and_nothing_more() -> None:
    policy = read_policy("/api/v1/docs")
    assert policy["style-src"] == INLINE_STYLES
    assert policy["script-src"] == {"'self'"}


@pytest.mark.parametrize("url", ["/plain", "/nowhere"])
def test_every_answer_carries_the_headers_of_a_careful_site(url: str) -> None:
    headers = Client().get(url).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://edge.test", "https://edge.test"),
        ("https://edge.test/", "https://edge.test"),
        ("http://127.0.0.1:8080/base", "http://127.0.0.1:8080"),
    ],
)
def test_an_origin_has_no_path(url: str, origin: str) -> None:
    assert origin_of(url) == origin
