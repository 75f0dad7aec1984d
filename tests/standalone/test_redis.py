from collections.abc import Iterator

import pytest
import redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError
from redis.retry import Retry


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as client:
        yield client


def test_redis_answers(client: redis.Redis) -> None:
    assert client.ping()


def test_redis_takes_no_tcp_port(client: redis.Redis) -> None:
    assert client.config_get("port") == {"port": "0"}


def test_wrong_password_is_refused(redis_url: str) -> None:
    path = redis_url.partition("@")[2].partition("?")[0]
    with (
        redis.Redis(unix_socket_path=path, password="wrong", retry=Retry(NoBackoff(), 0)) as client,
        pytest.raises(AuthenticationError, match="invalid username-password pair"),
    ):
        client.ping()
