"""What Redis tells of revocations: a stream that is capped, and may be gone after a restart."""

from typing import Any, Final, NamedTuple

from redis.asyncio import Redis

from shared.events.record import FIELD
from shared.events.revocations import REVOCATION_STREAM

START: Final = "0-0"
"""The position in front of the first entry, whatever that will be."""

BLOCK_MS: Final = 1000
COUNT: Final = 250


class Batch(NamedTuple):
    """Records in their order, and the position to read on from. `lost` says that there may have
    been others: the stream does not reach back any more to where the reader stood."""

    records: list[bytes]
    position: str
    lost: bool


class RevocationStream:
    """Every method raises what `edge.state.redis_client.AWAY` names when Redis does not answer."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def find_end(self) -> str:
        """The position of the last entry."""
        entries: Any = await self._client.xrevrange(REVOCATION_STREAM, count=1)
        return entries[0][0].decode() if entries else START

    async def read(self, after: str) -> Batch:
        """What came after a position; waits a second for something."""
        found: Any = await self._client.xread(
            {REVOCATION_STREAM: after}, count=COUNT, block=BLOCK_MS
        )
        entries = found[0][1] if found else []
        records = [fields.get(FIELD.encode(), b"") for _, fields in entries]
        lost = not await self._reaches_back(after, came=bool(entries))
        if entries:
            return Batch(records, entries[-1][0].decode(), lost)
        return Batch(records, START if lost else after, lost)

    async def _reaches_back(self, position: str, *, came: bool) -> bool:
        """Looked up after reading. The oldest entries go first, so while the one at `position` is
        there, none behind it is missing."""
        if position == START:
            return not came
        return bool(await self._client.xrange(REVOCATION_STREAM, position, position))
