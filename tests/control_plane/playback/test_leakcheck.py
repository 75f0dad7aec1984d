"""Tests for leakcheck's parts: exhibits, forgeries, questions, answers and the table.

tests/system/test_leakcheck.py runs it as a whole.
"""

import re
from email.message import Message
from http.client import HTTPMessage
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from control_plane.playback.forgeries import Attempt, Exhibit, Forger
from control_plane.playback.leakcheck import Report, Row, choose_exhibits
from control_plane.playback.management.commands.leakcheck import render_report
from control_plane.playback.questions import Answer, find_leak, list_questions
from shared.asset import Asset, AssetFile, Rendition, SegmentRun
from shared.keyring import SigningKey, parse_jwks, public_jwk, render_jwks
from shared.paths import Kind, parse_media_path
from shared.tokens import Claims, TokenError, check_clock, verify_token

NOW = 1_767_225_600
VIDEO, ASSET = (f"0198c0de-0000-7000-8000-00000000000{number}" for number in (1, 2))
ISSUER = "https://sluice.example"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(32))
JWK = public_jwk(PRIVATE.public_key())
KEYS = parse_jwks(render_jwks([JWK]), issuer=ISSUER)

SEGMENT = Exhibit("video/720/1.m4s", Kind.VIDEO, 720)
POSTER = Exhibit("poster/poster.jpg", Kind.POSTER)
ETAG = "a" * 22
PROBLEM = b'{"status":403,"code":"token_expired"}'


@pytest.fixture
def forger() -> Forger:
    return Forger(SigningKey(JWK["kid"], ISSUER, PRIVATE), VIDEO, now=NOW)


def is_genuine(token: str | None) -> bool:
    """Signed by the key, and neither too old nor too new."""
    try:
        check_clock(read(token), now=NOW)
    except TokenError:
        return False
    return True


def read(token: str | None) -> Claims:
    assert token is not None
    return verify_token(token, KEYS)


def test_a_good_token_opens_every_kind_of_the_video(forger: Forger) -> None:
    claims = read(forger.make_good())
    assert (claims.video_id, claims.kinds) == (VIDEO, frozenset(Kind))
    assert is_genuine(forger.make_good())


@pytest.mark.parametrize(
    "attempt", [Attempt.EXPIRED, Attempt.TAMPERED], ids=lambda attempt: attempt.value
)
def test_what_is_expired_or_tampered_is_not_good(attempt: Attempt, forger: Forger) -> None:
    tokens = forger.make_bad(attempt, SEGMENT)
    assert tokens
    assert not any(map(is_genuine, tokens))


def test_the_other_bad_tokens_are_genuine_and_yet_not_for_this(forger: Forger) -> None:
    """So that what refuses them is the rule that is meant."""
    (wrong_kind,) = map(read, forger.make_bad(Attempt.WRONG_KIND, SEGMENT))
    assert wrong_kind.kinds == frozenset(Kind) - {Kind.VIDEO}
    (too_low,) = map(read, forger.make_bad(Attempt.ABOVE_HEIGHT, SEGMENT))
    assert too_low.max_height == 719
    (listing,) = map(read, forger.make_bad(Attempt.POSTER_TOKEN, SEGMENT))
    assert (listing.subject, listing.kinds) == ("listing", frozenset({Kind.POSTER}))
    video, asset = map(read, forger.make_bad(Attempt.OTHER_VIEWER, SEGMENT))
    assert video.video_id not in (None, VIDEO)
    assert asset.asset_id not in (None, ASSET)
    (revoked,) = map(read, forger.make_bad(Attempt.REVOKED, SEGMENT))
    assert revoked.session_id == forger.session_id


def test_whoever_is_anonymous_has_no_token(forger: Forger) -> None:
    assert forger.make_bad(Attempt.ANONYMOUS, SEGMENT) == [None]


def test_attempts_that_make_no_sense_are_not_made(forger: Forger) -> None:
    assert forger.make_bad(Attempt.POSTER_TOKEN, POSTER) == []
    assert forger.make_bad(Attempt.ABOVE_HEIGHT, POSTER) == []
    assert forger.make_bad(Attempt.WRONG_KIND, POSTER)


def test_a_token_is_carried_in_every_way_and_its_absence_in_none(forger: Forger) -> None:
    token = forger.make_good()
    questions = list(list_questions(token, asset_id=ASSET, name=SEGMENT.name, etag='"e"'))
    assert [question.way for question in questions] == [
        *("GET", "HEAD", "Range", "If-None-Match", "If-Range"),
        *("query", "cookie", "Bearer"),
    ]
    for question in questions:
        assert token in f"{question.target} {question.headers}"
        assert parse_media_path(question.target.partition("?")[0]) is not None
    for question in list_questions(None, asset_id=ASSET, name=SEGMENT.name, etag='"e"'):
        assert question.target == f"/v1/a/{ASSET}/{SEGMENT.name}"


def answer(
    status: int = 403, body: bytes = PROBLEM, content_type: str = "", **fields: str
) -> Answer:
    headers: Message[str, str] = HTTPMessage()
    headers["Content-Type"] = content_type or "application/problem+json"
    for name, value in fields.items():
        headers[name.replace("_", "-")] = value
    return Answer(status, headers, body)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "method"),
    [
        (answer(), "GET"),
        (answer(body=b""), "HEAD"),
        (answer(401, b'{"status":401}'), "GET"),
        (answer(429, b'{"status":429}', Retry_After="1"), "GET"),
    ],
    ids=["a refusal", "one without a body", "a question for a token", "one of too many"],
)
def test_a_refusal_that_says_why_is_no_leak(given: Answer, method: str) -> None:
    assert find_leak(given, method=method) is None


@pytest.mark.parametrize(
    ("given", "method", "what"),
    [
        (answer(200, b"bytes"), "GET", "status 200"),
        (answer(206, b"b"), "GET", "status 206"),
        (answer(304, b""), "GET", "status 304"),
        (answer(307, b""), "GET", "status 307"),
        (answer(404), "GET", "status 404"),
        (answer(416), "GET", "status 416"),
        (answer(503), "GET", "status 503"),
        (answer(ETag='"e"'), "GET", "header ETag"),
        (answer(Content_Range="bytes */9"), "GET", "header Content-Range"),
        (answer(Last_Modified="now"), "GET", "header Last-Modified"),
        (answer(content_type="video/mp4"), "GET", "content of type video/mp4"),
        (answer(body=b"bytes"), "GET", "a body that is no problem"),
        (answer(body=b"[]"), "GET", "a body that is no problem"),
        (answer(body=b'{"status":200}'), "GET", "a body that is no problem"),
        (answer(body=b"bytes"), "HEAD", "5 bytes after HEAD"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_anything_else_is_a_leak(given: Answer, method: str, what: str) -> None:
    assert find_leak(given, method=method) == what


def make_file(name: str, **facts: Any) -> AssetFile:
    content_type = "application/octet-stream"
    return AssetFile(name=name, size_bytes=1, etag=ETAG, content_type=content_type, **facts)


def test_of_each_sort_of_file_one_is_asked_for() -> None:
    names = ["text/en.vtt", "text/de.vtt", "key/1.key", "download/film.mp4", "main.m3u8"]
    pictures = ["poster/poster.jpg", "storyboard/sheet_1.jpg", "storyboard/sheet_2.jpg"]
    rungs = [make_file(f"video/{height}/init.mp4", height=height) for height in (360, 720)]
    asset = Asset(
        asset_id=ASSET,
        video_id=VIDEO,
        created_at=NOW,
        duration_ms=12_000,
        files=tuple(rungs + [make_file(name) for name in names + pictures]),
        renditions=(
            Rendition(
                id="720",
                kind="video",
                codecs="avc1.64001f",
                duration_ms=12_000,
                bandwidth_bps=1,
                average_bandwidth_bps=1,
                height=720,
                segments=SegmentRun(
                    pattern="video/720/{number}.m4s", sizes_bytes=(1, 1), etags=(ETAG, ETAG)
                ),
            ),
        ),
    )
    assert [(exhibit.name, exhibit.height) for exhibit in choose_exhibits(asset)] == [
        ("main.m3u8", None),
        ("video/360/init.mp4", 360),
        ("video/720/1.m4s", 720),
        ("video/720/init.mp4", 720),
        ("poster/poster.jpg", None),
        ("storyboard/sheet_1.jpg", None),
        ("text/en.vtt", None),
        ("key/1.key", None),
        ("download/film.mp4", None),
    ]


def make_report(**leaks: tuple[str, ...]) -> Report:
    found = {Attempt.ANONYMOUS: (), Attempt.EXPIRED: leaks.get("expired", ())}
    row = Row(SEGMENT, leaks.get("closed", ()), found)
    return Report((row,), requests=24, revoked_after_s=0.0421)


def test_a_tight_edge_has_a_mark_in_every_cell_that_makes_sense() -> None:
    report = make_report()
    header, row, _, summary = render_report(report)
    assert re.split(" {2,}", header) == ["file", "good token", *Attempt]
    assert (row.count("✓"), row.count("–")) == (3, 6)  # noqa: RUF001  (a dash in a table)
    assert summary == "24 requests, at fault: 0. A revoked session was refused after 0.042 s."
    assert report.is_tight


@pytest.mark.parametrize(
    ("report", "mark", "line"),
    [
        (
            make_report(expired=("GET: status 200", "Range: status 206")),
            "LEAK",
            "video/720/1.m4s, expired: GET: status 200, and 1 more",
        ),
        (
            make_report(closed=("GET: status 403",)),
            "shut",
            "video/720/1.m4s, good token: GET: status 403",
        ),
    ],
    ids=["a leak", "a door that is shut"],
)
def test_what_is_at_fault_is_marked_and_told(report: Report, mark: str, line: str) -> None:
    text = list(render_report(report))
    assert mark in text[1]
    assert line in text
    assert not report.is_tight


def test_a_revocation_that_does_not_arrive_is_a_fault() -> None:
    report = Report(make_report().rows, requests=24, revoked_after_s=None)
    assert "still plays after 5 s" in list(render_report(report))[-1]
    assert not report.is_tight


def test_without_anything_to_ask_for_nothing_is_proved() -> None:
    assert not Report((), requests=0, revoked_after_s=0.1).is_tight


def test_a_long_list_is_cut() -> None:
    (row,) = make_report(expired=("GET: status 200",)).rows
    text = list(render_report(Report((row,) * 50, requests=1, revoked_after_s=0.1)))
    assert text[-2] == "and 10 more"
