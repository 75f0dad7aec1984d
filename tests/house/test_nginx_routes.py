"""Every route that nginx names exists behind it, and every route that needs it has its rule."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from edge.routes import LIVE_PATH
from shared.paths import media_path, parse_media_path

SITES: Final = Path(__file__).parents[2] / "nginx" / "sites"
AN_ID: Final = "0198c0de-0000-7000-8000-000000000001"
AHEAD_OF_DJANGO: Final = f"/api/v1/uploads/{AN_ID}"
STREAMED: Final = "include snippets/streamed_body.conf;"
UNBUFFERED: Final = "proxy_buffering off;"


@dataclass(frozen=True, slots=True)
class Location:
    """A `location` of a site: `=` exact, `~` a regular expression, else a prefix."""

    sort: str
    pattern: str
    body: str

    @property
    def refuses(self) -> bool:
        return "proxy_pass" not in self.body

    def matches(self, path: str) -> bool:
        if self.sort == "~":
            return re.search(self.pattern, path) is not None
        return path == self.pattern if self.sort == "=" else path.startswith(self.pattern)


def read_locations(site: str) -> list[Location]:
    text = (SITES / f"{site}.conf.template").read_text()
    found = re.findall(
        r"^    location ([=~] )?(\S+) \{\n(.*?)^    \}", text, re.DOTALL | re.MULTILINE
    )
    return [Location(sort.strip(), pattern, body) for sort, pattern, body in found]


def choose_location(locations: list[Location], path: str) -> Location:
    """As nginx does: the exact one, else the first expression, else the longest prefix."""
    matching = [location for location in locations if location.matches(path)]
    ranks = {"=": 2, "~": 1, "": 0}
    return max(matching, key=lambda location: (ranks[location.sort], len(location.pattern)))


def list_routes(patterns: list[URLPattern | URLResolver], prefix: str = "/") -> Iterator[str]:
    """A path for every route of the control plane."""
    for pattern in patterns:
        path = prefix + re.sub(r"<(\w+:)?\w+>", AN_ID, str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from list_routes(pattern.url_patterns, path)
        else:
            yield path


CONTROL_PLANE: Final = read_locations("control_plane")
EDGE: Final = read_locations("edge")


@pytest.fixture(scope="module")
def routes() -> set[str]:
    return {*list_routes(get_resolver().url_patterns), AHEAD_OF_DJANGO}


@pytest.mark.parametrize("location", CONTROL_PLANE, ids=lambda location: location.pattern)
def test_named_route_exists(location: Location, routes: set[str]) -> None:
    known = {"/static/web/mark.svg", "/v1/token/asset/main.m3u8", *routes}
    assert any(choose_location(CONTROL_PLANE, path) == location for path in known)


def test_uploads_are_streamed(routes: set[str]) -> None:
    uploads = {path for path in routes if re.match(r"/api/v1/(uploads(/|$)|.*/source$)", path)}
    assert len(uploads) == 3
    for path in uploads:
        assert STREAMED in choose_location(CONTROL_PLANE, path).body, path


def test_nothing_else_takes_a_body_of_any_length(routes: set[str]) -> None:
    streamed = {path for path in routes if STREAMED in choose_location(CONTROL_PLANE, path).body}
    assert len(streamed) == 3


def test_events_are_not_buffered(routes: set[str]) -> None:
    events = {path for path in routes if path.endswith("/events")}
    assert events
    for path in events:
        assert UNBUFFERED in choose_location(CONTROL_PLANE, path).body, path


def test_control_plane_has_no_route_where_media_lies(routes: set[str]) -> None:
    assert not [path for path in routes if path.startswith("/v1")]
    assert choose_location(CONTROL_PLANE, media_path("t.o.k", AN_ID)).refuses


def test_readiness_of_the_control_plane_stays_inside(routes: set[str]) -> None:
    assert "/readyz" in routes
    assert choose_location(CONTROL_PLANE, "/readyz").refuses


def test_edge_gets_what_it_answers() -> None:
    media = media_path("t.o.k", AN_ID)
    assert parse_media_path(media)
    for path in (media, LIVE_PATH):
        assert not choose_location(EDGE, path).refuses, path


@pytest.mark.parametrize("path", ["/", "/readyz", "/metrics", "/admin/", "/livez/x"])
def test_edge_gets_nothing_else(path: str) -> None:
    assert choose_location(EDGE, path).refuses
