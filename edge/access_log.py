"""The access log: a JSON line a request, written in batches off the loop.

A line names files and sessions by their ids; never a token, a query or a path as it was sent.
"""

import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from json.encoder import encode_basestring_ascii
from typing import IO, Final, NoReturn

FLUSH_S: Final = 0.25
"""Short enough that a core at full speed never has more waiting than may wait."""

NOBODY_ELSE: Final = nullcontext()

_MAX_WAITING: Final = 50_000


@dataclass(slots=True)
class Visit:
    """One request for the log and the counters, filled in as it becomes known.

    Times are unix seconds. `session_id` comes from a genuine token only; `note` holds what an
    error or a refusal has to say; `leave` what has to be given back when the answer is out.
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
    leave: list[Callable[[], None]] = field(default_factory=list)


class AccessLog:
    """Collects lines on the loop and writes them to `output` from a thread, when it is this
    process's turn. A line is made at once: thousands of visits kept for a second would keep the
    garbage collector busy.

    An output that does not keep up costs lines, which are counted, never memory or time.
    """

    def __init__(
        self, output: IO[str] | None = None, *, turns: AbstractContextManager[None] = NOBODY_ELSE
    ) -> None:
        self._output = output or sys.stdout
        self._turns = turns
        self._waiting: list[str] = []
        self._moment = 0
        self._moment_text = ""
        self.lost = 0

    def record(self, visit: Visit) -> None:
        if len(self._waiting) >= _MAX_WAITING:
            self.lost += 1
            return
        self._waiting.append(_render(visit))

    def record_hit(self, began_at: float, file: str, session_id: str, sent_bytes: int) -> None:
        """A file sent from RAM at once. `file` is rendered by `render_file`, `session_id` quoted
        as JSON: both are the same for many lines."""
        if len(self._waiting) >= _MAX_WAITING:
            self.lost += 1
            return
        moment = int(began_at * 1000)
        if moment != self._moment:
            # to write a number takes longer than all the rest of the line
            self._moment, self._moment_text = moment, f"{moment / 1000:.3f}"
        self._waiting.append(
            f'{{"at":{self._moment_text},"method":"GET","status":200,{file},'
            f'"sid":{session_id},"bytes":{sent_bytes},"ms":0.0}}\n'
        )

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
            with self._turns:
                self._output.write("".join(lines))
                self._output.flush()
        except OSError:
            # a full disk, or a pipe nobody reads: no reason to stop serving
            self.lost += len(lines)


def render_file(*, kind: str, asset_id: str | None, name: str | None) -> str:
    """The part of a line that names a file."""
    return f'"kind":"{kind}","asset":{quote(asset_id)},"name":{quote(name)}'


def quote(text: str | None) -> str:
    """A text as JSON."""
    return "null" if text is None else encode_basestring_ascii(text)


def _render(visit: Visit) -> str:
    """Written out by hand, a third of what the encoder takes."""
    taken_ms = (visit.ended_at - visit.began_at) * 1000
    file = render_file(kind=visit.kind, asset_id=visit.asset_id, name=visit.name)
    return (
        f'{{"at":{visit.began_at:.3f},"method":{quote(visit.method)},"status":{visit.status},'
        f'{file},"sid":{quote(visit.session_id)},"bytes":{visit.sent_bytes},"ms":{taken_ms:.1f}'
        + "".join([f",{quote(name)}:{quote(text)}" for name, text in visit.note.items()])
        + "}\n"
    )
