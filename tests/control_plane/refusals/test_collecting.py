"""Tests for control_plane/refusals/collecting.py: with the real Redis and without it."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from control_plane.refusals import collecting
from control_plane.refusals.collecting import collect_refusals
from control_plane.refusals.models import Refusal
from control_plane.refusals.tasks import collect
from shared.events.record import FIELD
from shared.events.refusals import REFUSAL_GROUP, REFUSAL_STREAM
from tests.control_plane.refusals.records import make_record

pytestmark = pytest.mark.django_db

GOOD = json.loads(make_record().render())


@pytest.fixture
def stream(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as client:
        client.delete(REFUSAL_STREAM)
        yield client
        client.delete(REFUSAL_STREAM)


def report(stream: Redis, *records: str) -> None:
    for record in records:
        stream.xadd(REFUSAL_STREAM, {FIELD: record})


def is_done(stream: Redis) -> bool:
    """Nothing is left in the stream, and nobody is at work on an entry."""
    pending: Any = stream.xpending(REFUSAL_STREAM, REFUSAL_GROUP)
    return (stream.xlen(REFUSAL_STREAM), pending["pending"]) == (0, 0)


def test_a_reported_refusal_is_kept_with_its_trace(stream: Redis) -> None:
    record = make_record(origin="https://site.example", peer="192.0.2.1", weight=7)
    report(stream, record.render())
    collect()
    kept = Refusal.objects.get(pk=record.decision_id)
    assert kept.at == datetime(2026, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)
    assert (kept.code, kept.cause) == (record.code, record.cause)
    assert kept.rules == [{"rule": "token", "passed": True}, {"rule": "clock", "passed": False}]
    assert (kept.weight, kept.origin, kept.peer) == (7, record.origin, record.peer)
    assert (kept.subject, kept.session_id, kept.kind) == ("a viewer", "", "")
    assert is_done(stream)


def test_what_is_reported_twice_is_kept_once(stream: Redis) -> None:
    record = make_record()
    report(stream, record.render(), record.render())
    collect_refusals()
    report(stream, record.render(), make_record().render())
    collect_refusals()
    assert Refusal.objects.count() == 2
    assert is_done(stream)


def test_all_that_waits_is_collected(stream: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "BATCH", 10)
    report(stream, *(make_record().render() for _ in range(25)))
    collect_refusals()
    assert Refusal.objects.count() == 25
    assert is_done(stream)


def test_a_call_ends_though_edges_refuse_faster(
    stream: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "BATCH", 1)
    monkeypatch.setattr(collecting, "MOST_BATCHES", 3)
    report(stream, *(make_record().render() for _ in range(5)))
    collect_refusals()
    assert Refusal.objects.count() == 3


@pytest.mark.parametrize(
    "record",
    [
        "no JSON",
        "{}",
        json.dumps({**GOOD, "code": "another"}),
        json.dumps({**GOOD, "decision_id": "../../admin"}),
        json.dumps({**GOOD, "origin": "a\0b"}),
        json.dumps({**GOOD, "at": 1e300}),
        json.dumps({**GOOD, "at": 1e15}),
        json.dumps({**GOOD, "weight": 0}),
        json.dumps({**GOOD, "weight": 2**70}),
        json.dumps({**GOOD, "cause": "x" * 513}),
        json.dumps({**GOOD, "more": 1}),
    ],
    ids=[
        "no JSON",
        "empty",
        "unknown code",
        "strange id",
        "NUL",
        "after all time",
        "after all calendars",
        "weightless",
        "too heavy for a column",
        "endless",
        "unknown field",
    ],
)
def test_a_bad_record_is_told_and_let_go(
    record: str, stream: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    report(stream, record, record, make_record().render())
    with caplog.at_level(logging.ERROR):
        collect_refusals()
    (told,) = caplog.records
    assert (told.message, vars(told)["count"]) == ("refusals dropped", 2)
    assert Refusal.objects.count() == 1
    assert is_done(stream)


def test_an_entry_without_a_record_is_let_go(stream: Redis) -> None:
    stream.xadd(REFUSAL_STREAM, {"another": "field"})
    collect_refusals()
    assert is_done(stream)


def test_what_a_worker_left_when_it_died_is_collected(
    stream: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    report(stream, make_record().render())
    stream.xgroup_create(REFUSAL_STREAM, REFUSAL_GROUP, id="0")
    stream.xreadgroup(REFUSAL_GROUP, "a worker that died", {REFUSAL_STREAM: ">"})
    collect_refusals()
    assert not Refusal.objects.exists(), "it may still be at work"
    monkeypatch.setattr(collecting, "ABANDONED_MS", 0)
    collect_refusals()
    assert Refusal.objects.count() == 1
    assert is_done(stream)


def test_what_could_not_be_stored_stays_in_the_stream(
    stream: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    report(stream, make_record().render())
    monkeypatch.setattr(collecting, "_keep", lambda _entries: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        collect_refusals()
    monkeypatch.undo()
    monkeypatch.setattr(collecting, "ABANDONED_MS", 0)
    collect_refusals()
    assert Refusal.objects.count() == 1


def test_reports_go_on_after_redis_lost_everything(stream: Redis) -> None:
    collect_refusals()
    stream.delete(REFUSAL_STREAM)
    report(stream, make_record().render())
    collect_refusals()
    assert Refusal.objects.count() == 1


def test_a_stream_that_is_none_is_told(stream: Redis, caplog: pytest.LogCaptureFixture) -> None:
    stream.set(REFUSAL_STREAM, "a string")
    with caplog.at_level(logging.WARNING):
        collect_refusals()
    assert [record.message for record in caplog.records] == ["refusals not collected"]


def test_without_redis_nothing_is_collected_and_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = Redis.from_url(f"unix://{tmp_path}/redis.sock")
    monkeypatch.setattr(collecting, "open_redis", lambda: client)
    with caplog.at_level(logging.WARNING):
        collect_refusals()
    assert [record.message for record in caplog.records] == ["refusals not collected"]
