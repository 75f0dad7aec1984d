"""Tests for control_plane/transcodes/watching.py, where `test_event_stream` does not reach."""

from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr
from pytest_django import Settings

from control_plane.transcodes import watching
from control_plane.transcodes.announcements import CHANNEL
from control_plane.transcodes.watching import Watchers

JOB = uuid4()


async def test_watcher_that_is_slow_gets_the_latest_state() -> None:
    watchers = Watchers()
    async with watchers.watch(JOB) as news:
        for state in (b"1", b"2", b"3"):
            watchers._deliver(CHANNEL.format(job_id=JOB), state)
        assert await news.get() == b"3"
        assert news.empty()


async def test_watching_begins_though_redis_is_away(
    tmp_path: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    url = SecretStr(f"unix://{tmp_path}/redis.sock")
    settings.CONFIG = settings.CONFIG.model_copy(update={"redis_url": url})
    monkeypatch.setattr(watching, "_SUBSCRIBE_S", 0.1)
    async with Watchers().watch(JOB) as news:
        assert news.empty()
    assert "jobs are not announced" in caplog.text


async def test_nobody_is_left_behind() -> None:
    watchers = Watchers()
    async with watchers.watch(JOB), watchers.watch(JOB), watchers.watch(uuid4()):
        assert watchers.count() == 3
    assert watchers.count() == 0
