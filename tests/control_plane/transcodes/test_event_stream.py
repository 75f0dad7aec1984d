"""Tests for control_plane/transcodes/event_stream.py and watching.py: jobs live, over HTTP."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from http.client import HTTPConnection, HTTPResponse
from typing import Any

import pytest

from control_plane.accounts.models import User
from control_plane.transcodes import event_stream, reports
from control_plane.transcodes.announcements import CHANNEL
from control_plane.transcodes.event_stream import stream_job
from control_plane.transcodes.models import TranscodeJob
from control_plane.transcodes.reports import record_failure, record_progress
from control_plane.transcodes.watching import WATCHERS
from shared.jobs import FailureReason
from tests.control_plane.serving import Address, Headers, open_session, serve_here
from tests.control_plane.transcodes.conftest import (
    NOW,
    MakeVideo,
    chunk_of,
    encode,
    failure,
    package,
    plan,
    progress,
    queue,
)
from tests.waiting import wait_for

MORE_THAN_THE_POOL_HOLDS = 15
TIMEOUT_S = 20


@pytest.fixture(scope="module")
def server() -> Iterator[Address]:
    with serve_here() as address:
        yield address


@pytest.fixture
def session(creator: User) -> Headers:
    return open_session(creator)


@contextmanager
def follow(server: Address, session: Headers, job: TranscodeJob) -> Iterator[HTTPResponse]:
    connection = HTTPConnection(*server, timeout=TIMEOUT_S)
    headers = {**session, "Accept": "text/event-stream"}
    connection.request("GET", f"/api/v1/jobs/{job.pk}/events", headers=headers)
    with connection.getresponse() as response:
        yield response
    connection.close()


def read_job(events: HTTPResponse) -> dict[str, Any]:
    """The next event's data."""
    for line in events:
        if line.startswith(b"data: "):
            job: dict[str, Any] = json.loads(line.removeprefix(b"data: "))
            return job
    raise AssertionError("the stream has ended")


def test_stream_tells_the_state_now_and_every_change_to_the_end(
    server: Address, session: Headers, job: TranscodeJob
) -> None:
    with follow(server, session, job) as events:
        assert events.headers["Content-Type"] == "text/event-stream"
        assert events.headers["X-Accel-Buffering"] == "no"
        assert read_job(events)["state"] == "queued"
        plan(job)
        planned = read_job(events)
        assert (planned["state"], planned["stage"]) == ("running", "encoding")
        record_progress(progress(chunk_of(job, 1)), now=NOW)
        running = read_job(events)
        assert (running["fraction"], running["rungs"]) == (
            pytest.approx(0.25 / 1.05),
            {"360": 0.5, "720": 0.25},
        )
        encode(job, 1)
        assert read_job(events)["stage"] == "packaging"
        package(job)
        states = [json.loads(line[6:])["state"] for line in events if line.startswith(b"data")]
        assert states[-1] == "ready"
        assert set(states) <= {"running", "publishing", "ready"}


def test_stream_of_a_finished_job_is_one_event(
    server: Address, session: Headers, job: TranscodeJob
) -> None:
    record_failure(failure(chunk_of(job), FailureReason.NO_MEDIA), now=NOW)
    with follow(server, session, job) as events:
        shown = read_job(events)
        assert (shown["state"], shown["failure"]["reason"]) == ("failed", "no_media")
        assert events.read().strip() == b""


def test_stream_shows_no_detail(server: Address, session: Headers, job: TranscodeJob) -> None:
    report = failure(chunk_of(job), FailureReason.CORRUPT, log_tail="/srv/secret")
    with follow(server, session, job) as events:
        read_job(events)
        record_failure(report, now=NOW)
        assert b"secret" not in events.read()


def test_stream_of_a_job_tells_nothing_of_others(
    server: Address, session: Headers, job: TranscodeJob, make_video: MakeVideo
) -> None:
    other = queue(make_video())
    with follow(server, session, job) as events:
        read_job(events)
        record_progress(progress(chunk_of(other)), now=NOW)
        record_failure(failure(chunk_of(job), FailureReason.CORRUPT), now=NOW)
        assert read_job(events)["id"] == str(job.pk)


def test_refusal_is_a_problem_though_events_were_asked_for(
    server: Address, job: TranscodeJob
) -> None:
    with follow(server, {}, job) as answer:
        assert answer.status == 401
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert json.loads(answer.read())["code"] == "not_authenticated"


def test_lost_announcement_is_noticed(
    server: Address, session: Headers, job: TranscodeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "KEEP_ALIVE_S", 0.1)
    monkeypatch.setattr(reports, "announce", lambda _job: None)
    with follow(server, session, job) as events:
        read_job(events)
        assert events.readline() == b"\n"
        assert events.readline() == b": still here\n"
        record_progress(progress(chunk_of(job)), now=NOW)
        assert read_job(events)["state"] == "running"


def test_stream_of_a_deleted_job_ends(
    server: Address, session: Headers, job: TranscodeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "KEEP_ALIVE_S", 0.1)
    with follow(server, session, job) as events:
        read_job(events)
        job.delete()
        events.read()


def test_many_watch_without_holding_the_database(
    server: Address, session: Headers, job: TranscodeJob
) -> None:
    with ExitStack() as watchers:
        streams = [
            watchers.enter_context(follow(server, session, job))
            for _ in range(MORE_THAN_THE_POOL_HOLDS)
        ]
        for events in streams:
            assert read_job(events)["state"] == "queued"
        record_progress(progress(chunk_of(job)), now=NOW)
        record_progress(progress(chunk_of(job), fraction=0.5), now=NOW + timedelta(seconds=2))
        for events in streams:
            assert read_job(events)["state"] == "running"
    wait_for(lambda: not WATCHERS.count(), what="all to have left", within_s=TIMEOUT_S)


async def test_who_leaves_as_news_comes_is_let_go(job: TranscodeJob) -> None:
    events = stream_job(job.pk)
    await anext(events)
    waiting = asyncio.ensure_future(anext(events))
    for _ in range(3):  # the loop's turns until it waits
        await asyncio.sleep(0)
    WATCHERS._deliver(CHANNEL.format(job_id=job.pk), b'{"state": "running"}')
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not WATCHERS.count()
