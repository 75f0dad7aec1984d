"""Fixtures: the stream that edges read, and the lack of it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
from redis import Redis

from control_plane.revocations import relay
from shared.events.record import FIELD
from shared.events.revocations import REVOCATION_STREAM, Revocation

ReadStream: TypeAlias = Callable[[], list[Revocation]]


@pytest.fixture
def read_stream(redis_url: str) -> Iterator[ReadStream]:
    """Reads what was sent since the test began."""
    with Redis.from_url(redis_url) as client:
        client.delete(REVOCATION_STREAM)

        def read() -> list[Revocation]:
            entries = client.xrange(REVOCATION_STREAM)
            return [Revocation.parse(fields[FIELD.encode()]) for _, fields in entries]

        yield read
        client.delete(REVOCATION_STREAM)


@pytest.fixture
def no_redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To be undone by `monkeypatch.undo()`."""
    client = Redis.from_url(f"unix://{tmp_path}/redis.sock")
    monkeypatch.setattr(relay, "open_redis", lambda: client)
