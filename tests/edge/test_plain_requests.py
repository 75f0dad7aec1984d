"""What the fast lane takes for a plain request, and that aiohttp's parser takes it for the same."""

import asyncio
from unittest.mock import Mock

import pytest
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.http_parser import HttpRequestParser, RawRequestMessage
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from edge.plain_requests import ends_with_its_head, read_fields, read_target
from tests.edge.films import ASSET_ID

LINE = b"GET /v1/a.b.c/0198c0de-0000-7000-8000-00000000a001/main.m3u8 HTTP/1.1"
HOST = b"Host: edge.example\r\n"


def block(*fields: bytes) -> bytes:
    return b"\r\n" + b"".join(field + b"\r\n" for field in fields) + b"\r\n"


PLAIN = {
    "Host alone": [b"Host: edge.example"],
    "a port": [b"Host: edge.example:8080"],
    "an IPv6 address": [b"Host: [::1]:8080"],
    "any case": [b"hOST: edge.example", b"USER-AGENT: x"],
    "keep-alive": [b"Host: x", b"Connection: Keep-Alive"],
    "a browser": [
        b"Host: edge.example",
        b"Accept: */*",
        b"Accept-Encoding: gzip, deflate, br, zstd",
        b"Accept-Language: en-US,en;q=0.9",
        b"Origin: https://site.example",
        b"Referer: https://site.example/watch",
        b'Sec-CH-UA: "Chromium";v="156"',
        b"Sec-Fetch-Mode: cors",
        b"User-Agent: Mozilla/5.0 (X11; Linux x86_64)",
    ],
}
NOT_PLAIN = {
    "a range": [b"Host: x", b"Range: bytes=0-"],
    "a condition": [b"Host: x", b'If-None-Match: "a"'],
    "a cookie": [b"Host: x", b"Cookie: sluice_token=a"],
    "another credential": [b"Host: x", b"Authorization: Bearer a"],
    "a proxy": [b"Host: x", b"X-Forwarded-For: 192.0.2.1"],
    "an unknown field": [b"Host: x", b"X-Method-Override: DELETE"],
}
UNCLEAR = {
    "no Host": [b"Accept: */*"],
    "two Hosts": [b"Host: x", b"Host: y"],
    "an odd Host": [b"Host: x/y"],
    "a field twice": [b"Host: x", b"Accept: a", b"accept: b"],
    "a body": [b"Host: x", b"Content-Length: 5"],
    "an empty body": [b"Host: x", b"Content-Length: 0"],
    "chunks": [b"Host: x", b"Transfer-Encoding: chunked"],
    "an upgrade": [b"Host: x", b"Connection: Upgrade", b"Upgrade: websocket"],
    "a close": [b"Host: x", b"Connection: close"],
    "an expectation": [b"Host: x", b"Expect: 100-continue"],
    "a folded line": [b"Host: x", b"Accept: a", b" b"],
    "a space before the colon": [b"Host: x", b"Accept : a"],
    "no space behind it": [b"Host:x"],
    "a space at the end": [b"Host: x "],
    "an empty value": [b"Host: x", b"Accept: "],
    "a tab": [b"Host: x", b"Accept:\ta"],
    "a NUL": [b"Host: x", b"Accept: a\0"],
    "another alphabet": [b"Host: x", b"Accept: \xc3\xa9"],
    "a bare CR": [b"Host: x", b"Accept: a\rb"],
    "a bare LF": [b"Host: x\nAccept: a"],
    "no name": [b"Host: x", b": a"],
    "too many": [b"Host: x", *(b"X-%d: a" % number for number in range(32))],
    "too long": [b"Host: x", b"Referer: " + b"a" * 5000],
}


@pytest.mark.parametrize("fields", PLAIN.values(), ids=PLAIN)
def test_plain_fields_are_plain(fields: list[bytes]) -> None:
    read = read_fields(block(*fields))
    assert read is not None
    assert read.is_plain


@pytest.mark.parametrize("fields", NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_what_may_change_the_answer_is_not_plain(fields: list[bytes]) -> None:
    read = read_fields(block(*fields))
    assert read is not None
    assert not read.is_plain


@pytest.mark.parametrize("fields", UNCLEAR.values(), ids=UNCLEAR)
def test_what_parsers_may_read_in_two_ways_is_left_to_one(fields: list[bytes]) -> None:
    assert read_fields(block(*fields)) is None
    assert not ends_with_its_head(LINE + block(*fields))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(LINE + block(b"Host: x")[:-2], id="without its end"),
        pytest.param(LINE + block(b"Host: x") + b"G", id="with another's beginning"),
        pytest.param((LINE + block(b"Host: x")) * 2, id="twice"),
        pytest.param(b"\r\n" + LINE + block(b"Host: x"), id="after an empty line"),
        pytest.param(b"POST" + LINE[3:] + block(b"Host: x"), id="another method"),
        pytest.param(LINE[:-1] + b"0" + block(b"Host: x"), id="HTTP/1.0"),
        pytest.param(LINE.replace(b" ", b"  ", 1) + block(b"Host: x"), id="two spaces"),
        pytest.param(b"GET x HTTP/1.1" + block(b"Host: x"), id="no path"),
    ],
)
def test_only_one_whole_request_ends_with_its_head(data: bytes) -> None:
    assert not ends_with_its_head(data)
    assert ends_with_its_head(LINE + block(b"Host: x"))


def test_gzip_and_origin_are_read() -> None:
    fields = read_fields(block(b"Host: x", b"Accept-Encoding: br, gzip", b"Origin: https://a.b"))
    assert fields is not None
    assert (fields.takes_gzip, fields.origin) == (True, "https://a.b")


def test_a_target_is_a_file_of_an_asset() -> None:
    target = read_target(f"{ASSET_ID}/video/720/1.m4s HTTP/1.1")
    assert target is not None
    assert target.place == (ASSET_ID, "video/720/1.m4s", None)
    assert not target.is_main


@pytest.mark.parametrize(
    "rest",
    [
        pytest.param(f"{ASSET_ID}/main.m3u8", id="no version"),
        pytest.param(f"{ASSET_ID}/main.m3u8 HTTP/1.0", id="another version"),
        pytest.param(f"{ASSET_ID}/main.m3u8 HTTP/1.1 ", id="a space behind"),
        pytest.param(f"{ASSET_ID}/main.m3u8?a=b HTTP/1.1", id="a query"),
        pytest.param(f"{ASSET_ID}/video/../main.m3u8 HTTP/1.1", id="a dotted part"),
        pytest.param(f"{ASSET_ID}/asset.json HTTP/1.1", id="no file of a kind"),
        pytest.param(f"v/{ASSET_ID}/main.m3u8 HTTP/1.1", id="a video"),
        pytest.param("", id="nothing"),
    ],
)
def test_anything_else_is_no_target(rest: str) -> None:
    assert read_target(rest) is None


# The differential part: mutations of a good request.

PIECES = st.sampled_from(
    [
        *(LINE, HOST, b"\r\n", b"\n", b"\r", b" ", b":", b"\t", b"\0", b"\xff"),
        *(b"GET", b"HEAD", b"HTTP/1.1", b"HTTP/1.0", b"/v1/a/", b"?", b"#", b"%2e", b","),
        *(b"Accept: */*\r\n", b"Range: bytes=0-1\r\n", b"Content-Length: 3\r\n", b"abc"),
        *(b"Transfer-Encoding: chunked\r\n", b"Connection: close\r\n", b"Upgrade: h2c\r\n"),
        *(
            b"Connection: keep-alive\r\n",
            b"Expect: 100-continue\r\n",
            b"X-A: b\r\n",
            b" folded\r\n",
        ),
    ]
)


OTHERS = {
    field
    for fields in [*PLAIN.values(), *NOT_PLAIN.values()]
    for field in fields
    if not field.lower().startswith(b"host")
}


def _name_of(field: bytes) -> bytes:
    return field.partition(b":")[0].lower()


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """A request with a few pieces put in, cut out or repeated."""
    fields = draw(st.lists(st.sampled_from(sorted(OTHERS)), max_size=4, unique_by=_name_of))
    data = LINE + block(b"Host: x", *fields)
    for piece in draw(st.lists(PIECES, max_size=2)):
        place = draw(st.integers(0, len(data)))
        cut = draw(st.integers(0, 4))
        data = data[:place] + piece + data[place + cut :]
    return data


def parse(data: bytes) -> list[RawRequestMessage]:
    loop = Mock(spec=asyncio.AbstractEventLoop)
    parser = HttpRequestParser(Mock(), loop, 2**16, max_line_size=4096, max_field_size=8190)
    try:
        messages, upgraded, tail = parser.feed_data(data)
    except HttpProcessingError:
        return []
    assert not upgraded or not tail
    return [message for message, payload in messages if payload.is_eof()]


@settings(max_examples=300)
@given(requests())
def test_what_is_plain_is_one_and_the_same_request_to_the_parser(data: bytes) -> None:
    assume(ends_with_its_head(data))
    # whatever was left in the parser would show in the request behind it
    first, second = parse(data + LINE + block(b"Host: x"))
    line, _, rest = data.partition(b"\r\n")
    assert f"{first.method} {first.path} HTTP/1.1".encode() == line
    assert [b": ".join(pair) for pair in first.raw_headers] == rest[:-4].split(b"\r\n")
    assert not first.should_close
    assert second.path.encode() in LINE
