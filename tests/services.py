"""The real PostgreSQL and Redis that tests run against.

Where they listen is decided here, at import, so that settings may be loaded at any time; they
are started by the fixtures `database_url` and `redis_url`, when a test first needs them.
DATABASE_URL and REDIS_URL, where set, name servers to use instead; where tests run in several
processes at once, each has its own.
"""

import asyncio
import os
import secrets
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from standalone import postgres, redis
from standalone.processes import Child, Program
from standalone.waiting import wait_until

Result = TypeVar("Result")

_READY_S: Final = 30

# Short, since a socket's path has at most 107 bytes. Nothing is made here before it is needed.
FOLDER: Final = Path(tempfile.gettempdir()) / f"sluice-{secrets.token_hex(6)}"
_POSTGRES: Final = postgres.Postgres(
    folder=FOLDER / "postgres",
    sockets=FOLDER / "postgres-socket",
    password=secrets.token_urlsafe(),
    durable=False,
)
_REDIS: Final = redis.Redis(
    folder=FOLDER / "redis",
    sockets=FOLDER / "redis-socket",
    password=secrets.token_urlsafe(),
    durable=False,
)

_environment: Final = os.environ  # noqa: TID251  (what the tests' services are told)
# What was set for a system that runs here is not for tests.
for _name in [name for name in _environment if name.startswith("SLUICE_")]:
    if not _name.startswith("SLUICE_TESTS_"):
        del _environment[_name]

# pytest-xdist's processes inherit what the first one has set.
if "PYTEST_XDIST_WORKER" in _environment:
    for _name in ("DATABASE_URL", "REDIS_URL"):
        _environment.pop(_name, None)

_embed_postgres: Final = "DATABASE_URL" not in _environment
_embed_redis: Final = "REDIS_URL" not in _environment

DATABASE_URL: Final = _environment.setdefault("DATABASE_URL", _POSTGRES.url)
REDIS_URL: Final = _environment.setdefault("REDIS_URL", _REDIS.url)


@contextmanager
def serve_postgres() -> Iterator[str]:
    """A PostgreSQL for as long as the block runs; its URL."""
    if not _embed_postgres:
        yield DATABASE_URL
        return
    _make_folder()
    postgres.create_cluster(_POSTGRES)
    with _serve(postgres.describe_program(_POSTGRES, FOLDER / "postgres.log")):
        server = _POSTGRES.url_of("postgres")
        _await(partial(postgres.takes_connections, server))
        _run(postgres.create_database(_POSTGRES))
        yield DATABASE_URL


@contextmanager
def serve_redis() -> Iterator[str]:
    """A Redis for as long as the block runs; its URL."""
    if not _embed_redis:
        yield REDIS_URL
        return
    _make_folder()
    with _serve(redis.describe_program(_REDIS, FOLDER / "redis.log")):
        _await(partial(redis.takes_commands, REDIS_URL))
        yield REDIS_URL


def remove_folder() -> None:
    """Remove what the servers left, if they ever ran."""
    shutil.rmtree(FOLDER, ignore_errors=True)


def _make_folder() -> None:
    """Others may pass through it, as PostgreSQL's account must, but not look around."""
    FOLDER.mkdir(exist_ok=True)
    FOLDER.chmod(0o711)


@contextmanager
def _serve(program: Program) -> Iterator[None]:
    child = Child(program)
    try:
        yield
    finally:
        _run(child.stop())


def _await(check: Callable[[], Awaitable[bool]]) -> None:
    _run(wait_until(check, what="a test's server", within_s=_READY_S))


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    """In a thread, since the main one's event loop belongs to the tests."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
