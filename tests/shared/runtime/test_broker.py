"""The broker is the Redis that redis-py reaches, however its URL is written."""

from types import SimpleNamespace
from typing import Any

import pytest
from celery import Celery
from kombu import Connection
from kombu.transport.redis import Channel
from redis import ConnectionPool, Redis

from shared.runtime.broker import broker_url, celery_settings

URLS = {
    "plain": "redis://localhost",
    "with a database": "redis://localhost:6380/3",
    "database in the query": "redis://localhost/0?db=3",
    "database of no number": "redis://localhost/films",
    "options of redis-py": "redis://localhost/1?socket_timeout=5&health_check_interval=3",
    "password": "redis://:secret@redis.example:6379/0",
    "user and password": "redis://sluice:secret@redis.example/0",
    "password with every sign": "redis://:p%40s%2Fs%3A%25%3F%23w@redis.example/0",
    "password in the query": "redis://redis.example/0?password=p%40ss",
    "IPv6": "redis://[2001:db8::1]:6379/2",
    "TLS": "rediss://redis.example:6390/0",
    "TLS without verification": "rediss://redis.example/0?ssl_cert_reqs=none",
    "TLS with an authority": "rediss://redis.example/0?ssl_ca_certs=/etc/ca.pem",
    "socket": "unix:///run/redis.sock",
    "socket with a database": "unix:///run/redis.sock?db=7",
    "socket with a password": "unix://:p%40s%2Fs@/run/redis.sock?db=1",
    "socket with a user": "unix://sluice:secret@/run/redis.sock",
    "socket with its password in the query": "unix:///run/redis.sock?password=p%40s%2Bs",
    "socket below a folder with a space": "unix:///run/my%20state/redis.sock",
}


def kombu_reaches(url: str) -> dict[str, Any]:
    """What kombu's channel would connect to; made without its constructor, which connects."""
    channel: Any = Channel.__new__(Channel)
    channel.connection = SimpleNamespace(client=Connection(url), default_port=6379)
    parameters = channel._connparams()
    assert isinstance(parameters, dict)
    return parameters


@pytest.mark.parametrize("url", URLS.values(), ids=URLS)
def test_kombu_reaches_what_redis_py_reaches(url: str) -> None:
    expected = ConnectionPool.from_url(url).connection_kwargs
    reached = kombu_reaches(broker_url(url))
    for name in ("host", "path", "username", "password"):
        assert (reached.get(name) or None) == expected.get(name), name
    assert reached["db"] == expected.get("db", 0)
    assert reached.get("port", 6379) == expected.get("port", 6379)
    assert ("ssl_cert_reqs" in reached) == url.startswith("rediss:")


@pytest.mark.parametrize(
    ("url", "verified"),
    [
        ("rediss://redis.example", "CERT_REQUIRED"),
        ("rediss://redis.example?ssl_cert_reqs=none", "CERT_NONE"),
    ],
)
def test_certificate_is_verified_unless_told_otherwise(url: str, verified: str) -> None:
    assert kombu_reaches(broker_url(url))["ssl_cert_reqs"].name == verified


@pytest.mark.parametrize("url", ["", "localhost", "amqp://localhost", "http://localhost", "unix:"])
def test_url_of_something_else_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="Redis URL"):
        broker_url(url)


def test_task_that_is_sent_lies_in_the_queue_that_redis_py_sees(redis_url: str) -> None:
    app = Celery("sender", set_as_current=False)
    app.config_from_object(celery_settings(redis_url))
    with Redis.from_url(redis_url) as redis:
        redis.delete("broker-test")
        app.send_task("somebody.task", args=["message"], queue="broker-test")
        assert redis.llen("broker-test") == 1
        redis.delete("broker-test")
    app.close()
