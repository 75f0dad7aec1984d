"""Celery over Redis, as control plane and transcoder both set it up.

The broker carries hints only (`shared.jobs`): messages are acknowledged on receipt and nothing
waits for a result, so a lost or doubled message costs time and never correctness.
"""

from typing import Any
from urllib.parse import parse_qs, quote, urlsplit


def broker_url(redis_url: str) -> str:
    """The kombu URL of the Redis that redis-py would reach by `redis_url`.

    For a Unix socket the two differ: kombu wants `redis+socket` and takes a password only in
    the place of user information.
    """
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    query = parse_qs(parts.query)
    password = parts.password or query.get("password", [""])[0]
    database = query.get("db", ["0"])[0]
    return f"redis+socket://:{quote(password, safe='')}@{parts.path}?virtual_host={database}"


def celery_settings(redis_url: str) -> dict[str, Any]:
    """Settings that every Celery app of the system shares."""
    return {
        "broker_url": broker_url(redis_url),
        "broker_connection_retry_on_startup": True,
        "broker_transport_options": {"visibility_timeout": 24 * 3600},
        "task_ignore_result": True,
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_acks_late": False,
        "worker_prefetch_multiplier": 1,
        "worker_hijack_root_logger": False,
        "worker_send_task_events": False,
        "timezone": "UTC",
    }
