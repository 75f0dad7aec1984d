"""The access log's lines, and what happens when nobody takes them."""

import errno
import io
import json

import pytest

from edge import access_log as access_log_module
from edge.access_log import AccessLog, Visit

VISIT = Visit(
    method="GET",
    began_at=1_767_225_600.25,
    kind="video",
    asset_id="0198c0de-0000-7000-8000-00000000a001",
    name="video/720/1.m4s",
    session_id='quo"te\u2028',
    status=206,
    sent_bytes=5,
    ended_at=1_767_225_600.5,
)


async def test_a_visit_is_a_line_of_json() -> None:
    output = io.StringIO()
    log = AccessLog(output)
    log.record(VISIT)
    await log.flush()
    assert json.loads(output.getvalue()) == {
        "at": 1_767_225_600.25,
        "method": "GET",
        "status": 206,
        "kind": "video",
        "asset": "0198c0de-0000-7000-8000-00000000a001",
        "name": "video/720/1.m4s",
        "sid": 'quo"te\u2028',
        "bytes": 5,
        "ms": 250.0,
    }


async def test_a_note_is_part_of_the_line_and_cannot_break_it() -> None:
    output = io.StringIO()
    log = AccessLog(output)
    note = {"code": "token_invalid", "cause": 'unknown kid "\n{"'}
    log.record(Visit(method='G"T', began_at=0.0, note=note))
    log.record(VISIT)
    await log.flush()
    first, second = output.getvalue().splitlines()
    line = json.loads(first)
    assert (line["method"], line["cause"]) == ('G"T', 'unknown kid "\n{"')
    assert line["asset"] is line["sid"] is None
    assert json.loads(second)["status"] == 206


async def test_lines_are_written_once_and_in_order() -> None:
    output = io.StringIO()
    log = AccessLog(output)
    for number in range(3):
        log.record(Visit(method="GET", began_at=float(number)))
    await log.flush()
    await log.flush()
    assert [json.loads(line)["at"] for line in output.getvalue().splitlines()] == [0, 1, 2]


async def test_lines_past_the_bound_are_counted_and_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_log_module, "_MAX_WAITING", 2)
    output = io.StringIO()
    log = AccessLog(output)
    for _ in range(5):
        log.record(VISIT)
    await log.flush()
    assert len(output.getvalue().splitlines()) == 2
    assert log.lost == 3


@pytest.mark.parametrize(
    "error", [BrokenPipeError(), OSError(errno.ENOSPC, "full")], ids=["nobody reads", "disk full"]
)
async def test_lines_that_cannot_be_written_are_counted_and_stop_nothing(error: OSError) -> None:
    class Failing(io.StringIO):
        def write(self, _text: str) -> int:
            raise error

    log = AccessLog(Failing())
    log.record(VISIT)
    log.record(VISIT)
    await log.flush()
    assert log.lost == 2
