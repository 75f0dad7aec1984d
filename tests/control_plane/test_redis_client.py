"""Tests for control_plane/redis_client.py."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from pytest_django import Settings
from redis import Redis
from redis.exceptions import RedisError

from control_plane.redis_client import open_redis


@pytest.fixture
def fresh() -> Iterator[None]:
    """No client of a test before, and none for a test after."""
    open_redis.cache_clear()
    yield
    open_redis().close()
    open_redis.cache_clear()


@pytest.mark.usefixtures("fresh", "redis_url")
def test_a_process_has_one_client() -> None:
    assert open_redis() is open_redis()
    assert open_redis().ping()


@pytest.mark.usefixtures("fresh")
def test_a_connection_that_died_is_replaced(redis_url: str) -> None:
    name = open_redis().client_id()
    with Redis.from_url(redis_url) as other:
        other.client_kill_filter(_id=str(name))
    assert open_redis().client_id() != name


@pytest.mark.usefixtures("fresh")
def test_a_redis_that_is_away_is_an_error_at_once(tmp_path: Path, settings: Settings) -> None:
    away = SecretStr(f"unix://{tmp_path}/redis.sock")
    settings.CONFIG = settings.CONFIG.model_copy(update={"redis_url": away})
    with pytest.raises(RedisError):
        open_redis().ping()
