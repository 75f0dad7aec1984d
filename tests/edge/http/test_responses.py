"""Heads as bytes."""

import pytest

from edge.http.ranges import Span
from edge.http.responses import (
    HIT,
    IMMUTABLE,
    LIMITED,
    NEVER,
    SHORT_LIVED,
    CachePolicy,
    Representation,
    choose_cache_policy,
    render_head,
    reply_redirect,
)
from shared.paths import Kind

SEGMENT = Representation(1000, '"tag"', "video/mp4", IMMUTABLE)
TEXT = Representation(1000, '"tag"', "text/vtt", IMMUTABLE, varies=True)
TWIN = Representation(300, '"tag-gz"', "text/vtt", IMMUTABLE, encoding="gzip", varies=True)


def split_head(head: bytes) -> tuple[str, dict[str, str]]:
    status, *lines = head.decode().removesuffix("\r\n").split("\r\n")
    return status, dict(line.split(": ", 1) for line in lines)


def test_a_full_head_describes_the_whole() -> None:
    status, fields = split_head(SEGMENT.full_head)
    assert status == "HTTP/1.1 200 OK"
    assert fields["Content-Length"] == "1000"
    assert fields["Content-Type"] == "video/mp4"
    assert fields["ETag"] == '"tag"'
    assert fields["Accept-Ranges"] == "bytes"
    assert "Content-Range" not in fields


def test_a_partial_head_describes_the_part() -> None:
    status, fields = split_head(SEGMENT.partial_head(Span(10, 30)))
    assert status == "HTTP/1.1 206 Partial Content"
    assert fields["Content-Length"] == "20"
    assert fields["Content-Range"] == "bytes 10-29/1000"
    assert fields["ETag"] == '"tag"'


def test_a_not_modified_head_repeats_what_a_cache_wants_and_describes_no_body() -> None:
    status, fields = split_head(SEGMENT.not_modified_head())
    assert status == "HTTP/1.1 304 Not Modified"
    assert fields["ETag"] == '"tag"'
    assert fields["Cache-Control"] == IMMUTABLE.private
    assert fields["CDN-Cache-Control"] == IMMUTABLE.shared
    assert not {"Content-Length", "Content-Type", "Accept-Ranges"} & fields.keys()


def test_a_hit_is_the_whole_from_ram() -> None:
    assert SEGMENT.hit_head == SEGMENT.full_head + HIT
    assert split_head(SEGMENT.hit_head)[1]["Cache-Status"] == "sluice; hit; detail=ram"


@pytest.mark.parametrize("representation", [TEXT, TWIN], ids=["file", "twin"])
def test_a_file_with_a_twin_varies_in_every_answer(representation: Representation) -> None:
    heads = [representation.full_head, representation.not_modified_head()]
    assert [split_head(head)[1]["Vary"] for head in heads] == ["Accept-Encoding"] * 2


def test_a_twin_says_its_coding_and_offers_no_ranges() -> None:
    _, fields = split_head(TWIN.full_head)
    assert fields["Content-Encoding"] == "gzip"
    assert fields["Accept-Ranges"] == "none"
    assert "Content-Encoding" not in split_head(TEXT.full_head)[1]


def test_what_has_no_twin_does_not_vary() -> None:
    assert "Vary" not in split_head(SEGMENT.full_head)[1]


@pytest.mark.parametrize(
    "head",
    [SEGMENT.full_head, SEGMENT.partial_head(Span(0, 1)), SEGMENT.not_modified_head()],
    ids=["full", "partial", "not modified"],
)
def test_every_head_lets_other_origins_read_it_and_forbids_sniffing(head: bytes) -> None:
    _, fields = split_head(head)
    assert fields["Access-Control-Allow-Origin"] == "*"
    exposed = fields["Access-Control-Expose-Headers"].split(", ")
    assert {*exposed} >= {
        "Accept-Ranges",
        "Cache-Status",
        "Content-Length",
        "Content-Range",
        "Date",
        "ETag",
        "Retry-After",
        "Server-Timing",
        "X-Decision-Id",
    }
    assert fields["Timing-Allow-Origin"] == "*"
    assert fields["X-Content-Type-Options"] == "nosniff"
    assert "Server" not in fields


@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: b", "a\nb", "a\x00", "é"])
def test_a_value_that_would_break_the_head_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="would break the head"):
        render_head(200, {"Content-Type": value})


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        (Kind.VIDEO, "main.m3u8", LIMITED),
        (Kind.VIDEO, "video/720/playlist.m3u8", SHORT_LIVED),
        (Kind.VIDEO, "video/720/main.m3u8", SHORT_LIVED),
        (Kind.VIDEO, "video/720/1.m4s", IMMUTABLE),
        (Kind.VIDEO, "video/720/init.mp4", IMMUTABLE),
        (Kind.POSTER, "poster/poster.jpg", IMMUTABLE),
        (Kind.STORYBOARD, "storyboard/storyboard.vtt", IMMUTABLE),
        (Kind.KEY, "key/1.key", NEVER),
        (Kind.KEY, "key/1.m3u8", NEVER),
    ],
)
def test_how_long_a_file_may_be_kept(kind: Kind, name: str, expected: CachePolicy) -> None:
    assert choose_cache_policy(kind, name) == expected


def test_only_the_viewer_s_own_cache_may_keep_a_file_and_use_it_unasked() -> None:
    for policy in (IMMUTABLE, SHORT_LIVED, LIMITED, NEVER):
        assert policy.private.startswith("private")
        assert policy.shared in (None, "no-cache")


def test_shared_caches_get_neither_keys_nor_what_differs_between_viewers() -> None:
    assert LIMITED.shared is NEVER.shared is None


async def test_a_redirect_is_neither_kept_nor_told_to_others() -> None:
    reply = reply_redirect("/v1/token/asset/main.m3u8")
    assert reply.status == 307
    assert not reply.body
