"""The access log: a JSON line a request, formatted and written in batches off the loop.

A line names files and sessions by their ids; never a token, a query or a path as it was sent.
"""

import asyncio
import json
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO, Any, Final, NoReturn

FLUSH_S: Final = 1.0

_MAX_WAITING: Final = 50_000

_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


@dataclass(slots=True)
class Visit:
    """One request for the log and the counters, filled in as it becomes known.

    Times are unix seconds. `session_id` and `subject` come from a genuine token only; `note`
    holds what an error or a refusal has to say.
    """

    method: str
    began_at: float
    kind: str = "other"
    asset_id: str | None = None
    name: str | None = None
    session_id: str | None = None
    subject: str | None = None
    status: int = 0
    sent_bytes: int = 0
    ended_at: float = 0.0
    note: Mapping[str, str] = field(default_factory=dict)


class AccessLog:
    """Collects visits on the loop and writes them to `output` from a thread.

    An output that does not keep up costs lines, which are counted, never memory or time.
    """

    def __init__(self, output: IO[str] | None = None) -> None:
        self._output = output or sys.stdout
        self._waiting: list[Visit] = []
        self.lost = 0

    def record(self, visit: Visit) -> None:
        if len(self._waiting) >= _MAX_WAITING:
            self.lost += 1
            return
        self._waiting.append(visit)

    async def keep_writing(self) -> NoReturn:
        while True:
            await asyncio.sleep(FLUSH_S)
            await self.flush()

    async def flush(self) -> None:
        visits, self._waiting = self._waiting, []
        if visits:
            await asyncio.to_thread(self._write, visits)

    def _write(self, visits: Iterable[Visit]) -> None:
        lines = "".join([_encode(_describe(visit)) + "\n" for visit in visits])
        # nobody reads the log any more: no reason to stop serving
        with suppress(BrokenPipeError):
            self._output.write(lines)
            self._output.flush()


def _describe(visit: Visit) -> dict[str, Any]:
    line = {
        "at": datetime.fromtimestamp(visit.began_at, UTC).isoformat(timespec="milliseconds"),
        "method": visit.method,
        "status": visit.status,
        "kind": visit.kind,
        "asset": visit.asset_id,
        "name": visit.name,
        "sid": visit.session_id,
        "sub": visit.subject,
        "bytes": visit.sent_bytes,
        "ms": round((visit.ended_at - visit.began_at) * 1000, 1),
    }
    return {**line, **visit.note} if visit.note else line
