"""The check that operators run: the edge gives nothing away; a server without a gate is caught."""

import re

import pytest

from control_plane.playback.questions import COOKIE_NAME
from edge.gate import credentials
from tests.gates import admit_all, admit_nobody, serve_files
from tests.stack import Stack
from tests.system.management import manage

pytestmark = pytest.mark.system

FILES = ("main.m3u8", "poster/", "storyboard/storyboard.vtt", "audio/", "video/")
ATTEMPTS = (
    "anonymous",
    "other viewer",
    "expired",
    "revoked",
    "wrong kind",
    "above height",
    "tampered",
    "poster token",
)


def test_the_edge_gives_not_one_byte_to_whoever_may_not_have_it(stack: Stack) -> None:
    finished = manage(stack, "leakcheck")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    header, *rows = finished.stdout.split("\n\n")[0].splitlines()
    assert all(attempt in header for attempt in ATTEMPTS)
    assert all(any(row.startswith(file) for row in rows) for file in FILES)
    assert all("✓" in row for row in rows)
    assert "LEAK" not in finished.stdout
    assert "shut" not in finished.stdout
    assert "at fault: 0" in finished.stdout
    assert re.search(r"A revoked session was refused after [01]\.\d+ s\.", finished.stdout)


def test_a_server_without_a_gate_is_caught(stack: Stack) -> None:
    with serve_files(stack.state / "media", admit_all) as url:
        finished = manage(stack, "leakcheck", "--edge", url)
    assert finished.returncode == 1
    _header, *rows = finished.stdout.split("\n\n")[0].splitlines()
    for row in rows:
        assert row.count("LEAK") >= len(ATTEMPTS) - 2, "two make no sense for some files"
    assert "main.m3u8, anonymous: GET: status 200, and" in finished.stdout
    assert "A revoked session still plays after 5 s." in finished.stdout


def test_a_door_that_is_shut_proves_nothing(stack: Stack) -> None:
    with serve_files(stack.state / "media", admit_nobody) as url:
        finished = manage(stack, "leakcheck", "--edge", url)
    assert finished.returncode == 1
    assert "shut" in finished.stdout


def test_an_edge_that_does_not_answer_is_said(stack: Stack) -> None:
    finished = manage(stack, "leakcheck", "--edge", "http://127.0.0.1:1")
    assert finished.returncode == 1
    assert "No answer from http://127.0.0.1:1" in finished.stderr


def test_an_unknown_video_is_said(stack: Stack) -> None:
    unknown = "0198c0de-0000-7000-8000-00000000f001"
    finished = manage(stack, "leakcheck", "--video", unknown)
    assert finished.returncode == 1
    assert "no such video" in finished.stderr


def test_the_cookie_is_the_one_that_the_edge_reads() -> None:
    assert COOKIE_NAME == credentials.COOKIE_NAME
