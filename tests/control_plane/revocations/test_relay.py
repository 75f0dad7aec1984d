"""Tests for control_plane/revocations/relay.py, with the real Redis and without it."""

import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django.db import connection, transaction
from django.utils import timezone
from redis import Redis

from control_plane.revocations import relay
from control_plane.revocations.models import OutboxEntry, Revocation
from control_plane.revocations.relay import send_outbox
from control_plane.revocations.services import lift_revocation, revoke_session, revoke_video
from control_plane.revocations.tasks import relay as relay_task
from shared.events.revocations import REVOCATION_STREAM, RevocationScope
from tests.control_plane.revocations.conftest import ReadStream

pytestmark = pytest.mark.django_db(transaction=True)

ID = "0198c0de-0000-7000-8000-00000000f001"


def test_a_revocation_is_out_when_the_call_returns(read_stream: ReadStream) -> None:
    revoke_video(ID, now=timezone.now())
    (sent,) = read_stream()
    assert (sent.scope, sent.subject) == (RevocationScope.VIDEO, ID)
    assert not OutboxEntry.objects.exists()


def test_nothing_is_sent_before_the_commit(read_stream: ReadStream) -> None:
    with transaction.atomic():
        revoke_video(ID, now=timezone.now())
        send_outbox_elsewhere()
        assert not read_stream()
    assert len(read_stream()) == 1


def test_entries_are_sent_in_their_order(
    read_stream: ReadStream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "BATCH", 2)
    with transaction.atomic():
        for number in range(4):
            revoke_session(f"session {number}", now=timezone.now())
        lift_revocation(RevocationScope.SESSION, "session 0")
    sent = [(one.subject, one.lifted) for one in read_stream()]
    assert sent == [*((f"session {number}", False) for number in range(4)), ("session 0", True)]


@pytest.mark.usefixtures("no_redis")
def test_without_redis_revoking_succeeds_and_the_entry_waits(
    read_stream: ReadStream, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        revoke_video(ID, now=timezone.now())
    assert Revocation.objects.count() == OutboxEntry.objects.count() == 1
    assert [(record.message, vars(record)["waiting"]) for record in caplog.records] == [
        ("revocations not sent", 1)
    ]
    assert not read_stream()


@pytest.mark.usefixtures("no_redis")
def test_redis_is_tried_once_however_much_is_revoked(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING), transaction.atomic():
        for number in range(3):
            revoke_session(f"session {number}", now=timezone.now())
    assert [vars(record)["waiting"] for record in caplog.records] == [3]


def test_what_is_revoked_after_a_rollback_is_sent(read_stream: ReadStream) -> None:
    with transaction.atomic():
        with suppress(ZeroDivisionError), transaction.atomic():
            revoke_session("undone", now=timezone.now())
            raise ZeroDivisionError
        revoke_session("done", now=timezone.now())
    assert [one.subject for one in read_stream()] == ["done"]


@pytest.mark.usefixtures("no_redis")
def test_once_redis_is_back_all_that_waited_is_sent(
    read_stream: ReadStream, monkeypatch: pytest.MonkeyPatch
) -> None:
    revoke_video(ID, now=timezone.now())
    lift_revocation(RevocationScope.VIDEO, ID)
    relay_task()
    assert OutboxEntry.objects.count() == 2
    monkeypatch.undo()
    relay_task()
    assert [one.lifted for one in read_stream()] == [False, True]
    assert not OutboxEntry.objects.exists()


@pytest.mark.usefixtures("read_stream")
def test_a_relay_leaves_the_work_to_one_that_is_at_it(redis_url: str) -> None:
    OutboxEntry.objects.create(record="{}")
    with transaction.atomic():
        assert relay._take_turn()
        send_outbox_elsewhere()
        assert OutboxEntry.objects.exists()
    send_outbox_elsewhere()
    assert not OutboxEntry.objects.exists()
    with Redis.from_url(redis_url) as client:
        assert client.xlen(REVOCATION_STREAM) == 1


def test_relays_that_run_together_send_everything_once(read_stream: ReadStream) -> None:
    with transaction.atomic():
        for number in range(50):
            revoke_session(f"session {number}", now=timezone.now())
        transaction.get_connection().run_on_commit.clear()
    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(send_outbox_and_close) for _ in range(8)]:
            done.result()
    send_outbox()
    assert [one.subject for one in read_stream()] == [f"session {n}" for n in range(50)]


def test_the_stream_is_capped(read_stream: ReadStream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "REVOCATION_STREAM_LENGTH", 100)
    with transaction.atomic():
        for number in range(400):
            revoke_session(f"session {number}", now=timezone.now())
    assert 100 <= len(read_stream()) < 400


def send_outbox_elsewhere() -> None:
    """Over another connection to the database, as another process does."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(send_outbox_and_close).result()


def send_outbox_and_close() -> None:
    try:
        send_outbox()
    finally:
        connection.close()
