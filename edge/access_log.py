"""The access log: a JSON line a request, written in batches off the loop.

A line names files and sessions by their ids; never a token, a query or a path as it was sent.
"""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from json.encoder import encode_basestring_ascii
from typing import IO, Final, NoReturn

FLUSH_S: Final = 1.0

_MAX_WAITING: Final = 50_000


@dataclass(slots=True)
class Visit:
    """One request for the log and the counters, filled in as it becomes known.

    Times are unix seconds. `session_id` comes from a genuine token only; `note` holds what an
    error or a refusal has to say.
    """

    method: str
    began_at: float
    kind: str = "other"
    asset_id: str | None = None
    name: str | None = None
    session_id: str | None = None
    status: int = 0
    sent_bytes: int = 0
    ended_at: float = 0.0
    note: Mapping[str, str] = field(default_factory=dict)


class AccessLog:
    """Collects lines on the loop and writes them to `output` from a thread. A line is made at
    once: thousands of visits kept for a second would keep the garbage collector busy.

    An output that does not keep up costs lines, which are counted, never memory or time.
    """

    def __init__(self, output: IO[str] | None = None) -> None:
        self._output = output or sys.stdout
        self._waiting: list[str] = []
        self.lost = 0

    def record(self, visit: Visit) -> None:
        if len(self._waiting) >= _MAX_WAITING:
            self.lost += 1
            return
        self._waiting.append(_render(visit))

    async def keep_writing(self) -> NoReturn:
        while True:
            await asyncio.sleep(FLUSH_S)
            await self.flush()

    async def flush(self) -> None:
        lines, self._waiting = self._waiting, []
        if lines:
            await asyncio.to_thread(self._write, lines)

    def _write(self, lines: Sequence[str]) -> None:
        try:
            self._output.write("".join(lines))
            self._output.flush()
        except OSError:
            # a full disk, or a pipe nobody reads: no reason to stop serving
            self.lost += len(lines)


def _render(visit: Visit) -> str:
    """Written out by hand, a third of what the encoder takes: names and ids that were parsed
    need no escapes, all else gets them."""
    taken_ms = (visit.ended_at - visit.began_at) * 1000
    return (
        f'{{"at":{visit.began_at:.3f},"method":{_quote(visit.method)},"status":{visit.status},'
        f'"kind":"{visit.kind}","asset":{_quote(visit.asset_id)},"name":{_quote(visit.name)},'
        f'"sid":{_quote(visit.session_id)},"bytes":{visit.sent_bytes},"ms":{taken_ms:.1f}'
        + "".join([f",{_quote(name)}:{_quote(text)}" for name, text in visit.note.items()])
        + "}\n"
    )


def _quote(text: str | None) -> str:
    return "null" if text is None else encode_basestring_ascii(text)
