"""Celery over Redis, as control plane and transcoder both set it up.

The broker carries hints only (`shared.jobs`): messages are acknowledged on receipt and nothing
waits for a result, so a lost or doubled message costs time and never correctness.
"""

from typing import Any
from urllib.parse import quote, urlencode

from redis import ConnectionPool


def broker_url(redis_url: str) -> str:
    """The kombu URL of the Redis that redis-py would reach by `redis_url`.

    The two read URLs differently: kombu takes no `db` or `password` from a query, wants
    `redis+socket` for a Unix socket, and verifies no certificate unless it is told to.
    Raises `ValueError` for what is no Redis URL.
    """
    reached = ConnectionPool.from_url(redis_url).connection_kwargs
    credentials = _render_credentials(reached.get("username", ""), reached.get("password", ""))
    database = reached.get("db", 0)
    if "path" in reached:
        return f"redis+socket://{credentials}{quote(reached['path'])}?virtual_host={database}"
    host = reached.get("host", "localhost")
    port = reached.get("port", 6379)
    address = f"{credentials}{f'[{host}]' if ':' in host else host}:{port}/{database}"
    if not redis_url.startswith("rediss:"):
        return f"redis://{address}"
    tls = {name: str(value) for name, value in reached.items() if name.startswith("ssl_")}
    return f"rediss://{address}?{urlencode({'ssl_cert_reqs': 'required', **tls})}"


def _render_credentials(username: str, password: str) -> str:
    if not username and not password:
        return ""
    return f"{quote(username, safe='')}:{quote(password, safe='')}@"


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
