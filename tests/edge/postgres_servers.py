"""A PostgreSQL of a test's own, to be frozen, killed and brought back, with what edges read."""

import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from shared.events.revocations import EDGE_ROLE, REVOCATION_VIEW, Revocation
from standalone import postgres
from standalone.processes import Child
from standalone.waiting import wait_until

READY_S = 30.0

_PASSWORD = secrets.token_urlsafe()
# The columns as the control plane's view has them, but they take what is no revocation too.
_PREPARE = f"""
CREATE TABLE kept (
    id text PRIMARY KEY, scope text, subject text, issuer text, issued_before bigint,
    revoked_at double precision, expires_at bigint
);
CREATE VIEW {REVOCATION_VIEW} AS SELECT * FROM kept;
CREATE ROLE {EDGE_ROLE} LOGIN PASSWORD '{_PASSWORD}';
ALTER ROLE {EDGE_ROLE} SET default_transaction_read_only = on;
GRANT SELECT ON {REVOCATION_VIEW} TO {EDGE_ROLE};
"""  # noqa: S608


class OwnPostgres:
    """A server whose life the test holds in its hands."""

    def __init__(self, folder: Path) -> None:
        # durable, since it is killed
        self._server = postgres.Postgres(
            folder=folder / "postgres", sockets=folder / "s", password="secret"
        )
        self._log = folder / "postgres.log"
        self._child: Child | None = None
        postgres.create_cluster(self._server)

    @property
    def edge_url(self) -> str:
        """The database by the role of edges."""
        url = urlsplit(self._server.url)
        server = url.netloc.rpartition("@")[2]
        return url._replace(netloc=f"{EDGE_ROLE}:{_PASSWORD}@{server}").geturl()

    async def start(self) -> None:
        if self._child is not None:
            return
        self._child = Child(postgres.describe_program(self._server, self._log))
        url = self._server.url_of("postgres")
        await wait_until(
            lambda: postgres.takes_connections(url), what="PostgreSQL", within_s=READY_S
        )
        await postgres.create_database(self._server)

    def kill(self) -> None:
        if self._child is not None:
            self._child.bury()
            self._child = None

    def freeze(self) -> None:
        """It takes connections, and says nothing; neither do those who serve others already."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._child is not None
        for line in Path("/proc").glob("[0-9]*/stat"):
            pid, parent = _read_parent(line)
            if self._child.pid in (pid, parent):
                os.kill(pid, number)

    async def prepare(self) -> None:
        """An empty view, and the role that may read it."""
        await self.execute(f"DROP TABLE IF EXISTS kept CASCADE; {_DROP_ROLE} {_PREPARE}")

    async def insert(self, *revocations: Revocation) -> None:
        rows = [one.model_dump(mode="json", exclude={"lifted"}) for one in revocations]
        await self.insert_raw(*rows)

    async def insert_raw(self, *rows: dict[str, Any]) -> None:
        """Rows as they are, good or not."""
        names = [name for name in Revocation.model_fields if name != "lifted"]
        places = ", ".join(f"${number}" for number in range(1, len(names) + 1))
        async with self._connected() as connection:
            await connection.executemany(
                f"INSERT INTO kept ({', '.join(names)}) VALUES ({places})",  # noqa: S608
                [[row.get(name) for name in names] for row in rows],
            )

    async def execute(self, statement: str) -> None:
        """As the owner of the database."""
        async with self._connected() as connection:
            await connection.execute(statement)

    async def delete(self, *revocations: Revocation) -> None:
        async with self._connected() as connection:
            ids = [one.id for one in revocations]
            await connection.execute("DELETE FROM kept WHERE id = ANY($1)", ids)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Any]:
        connection = await asyncpg.connect(self._server.url)
        try:
            yield connection
        finally:
            await connection.close()


_DROP_ROLE = f"""
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{EDGE_ROLE}') THEN
        DROP OWNED BY {EDGE_ROLE}; DROP ROLE {EDGE_ROLE};
    END IF;
END $$;
"""


def _read_parent(stat: Path) -> tuple[int, int]:
    """A process and its parent; a name may hold anything but ends at the last bracket."""
    try:
        text = stat.read_text()
    except OSError:
        return 0, 0
    return int(stat.parent.name), int(text.rpartition(")")[2].split()[1])


@contextmanager
def make_own_postgres() -> Iterator[OwnPostgres]:
    """A cluster that does not run yet, in a folder that PostgreSQL's account may pass through."""
    folder = Path(tempfile.mkdtemp(prefix="sluice-"))
    folder.chmod(0o711)
    server = OwnPostgres(folder)
    try:
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)
