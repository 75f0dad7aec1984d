"""What PostgreSQL says is revoked, through the one view that the edge's role may read."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg

from shared.events.revocations import REVOCATION_VIEW, Revocation

CONNECT_S: Final = 2.0
ANSWER_S: Final = 3.0
SNAPSHOT_S: Final = 20.0
ROWS: Final = 200
"""Read at a time: parsing more would keep the event loop from its requests for too long."""

AWAY: Final = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    # what the driver says when a server was killed behind its back
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)

_COLUMNS: Final = ", ".join(name for name in Revocation.model_fields if name != "lifted")
# as JSON, so that a row is read as strictly as a record on the stream
_EVERYTHING: Final = (
    f"SELECT row_to_json(held)::text FROM (SELECT {_COLUMNS} FROM {REVOCATION_VIEW}) AS held"  # noqa: S608
)
_RECENT: Final = f"{_EVERYTHING} WHERE revoked_at >= extract(epoch FROM now())::float8 - $1::float8"


class RevocationView:
    """One connection, made when it is needed and dropped when anything fails. Every method raises
    what `AWAY` names."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Any = None

    async def read_all(self, take: Callable[[list[str]], None]) -> None:
        """Hand over all rows of one moment, some at a time, as JSON."""
        async with asyncio.timeout(SNAPSHOT_S), self._connected() as connection:
            # not as a context: that would wait for a rollback, and we hang up when anything fails
            transaction = connection.transaction(readonly=True)
            await transaction.start()
            cursor = await connection.cursor(_EVERYTHING)
            while rows := await cursor.fetch(ROWS):
                take([row[0] for row in rows])
            await transaction.commit()

    async def read_recent(self, seconds: float) -> list[str]:
        """The rows of the last seconds, by the database's clock."""
        async with self._connected() as connection:
            return [row[0] for row in await connection.fetch(_RECENT, seconds)]

    def close(self) -> None:
        """Hang up; the next call connects again."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Any]:
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(
                self._url, timeout=CONNECT_S, command_timeout=ANSWER_S, statement_cache_size=0
            )
        try:
            yield self._connection
        except BaseException:
            # what a connection is in the middle of after a failure is nobody's business
            self.close()
            raise
