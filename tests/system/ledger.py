"""Which chunks were encoded how often, by the claims and records in the store and by what the
workers logged. To be read before what jobs leave behind is swept."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_BEGUN: Final = "attempt begun"
_DONE_BEFORE: Final = "chunk was finished before"

Attempt = tuple[str, int, int]
"""A job, a chunk of it, an attempt at that."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Counts over all chunks that are encoded.

    `begun` are attempts that went to encode; `ended` those that were cut off, or made in vain
    beside another one. `spared` were answered by what an earlier attempt had finished; `again`
    went to encode what was finished, and there may be none.
    """

    chunks: int
    begun: int
    spared: int
    again: tuple[Attempt, ...]

    @property
    def ended(self) -> int:
        return self.begun - self.chunks


def read_ledger(state: Path, chunks: dict[str, int]) -> Ledger:
    """The ledger of jobs by how many chunks of theirs are encoded."""
    said = {
        message: set(_read_attempts(state / "logs", message)) for message in (_BEGUN, _DONE_BEFORE)
    }
    counts: Counter[str] = Counter()
    again: list[Attempt] = []
    for job_id, count in chunks.items():
        work = state / "media" / "work" / job_id
        for chunk in range(1, count + 1):
            finished_at = (work / str(chunk) / "chunk.json").stat().st_mtime_ns
            for claim in work.glob(f"{chunk}.*"):
                attempt = (job_id, chunk, int(claim.suffix[1:]))
                if attempt in said[_DONE_BEFORE]:
                    counts["spared"] += 1
                    continue
                counts["begun"] += attempt in said[_BEGUN]
                if claim.stat().st_mtime_ns > finished_at:
                    again.append(attempt)
    return Ledger(
        chunks=sum(chunks.values()),
        begun=counts["begun"],
        spared=counts["spared"],
        again=tuple(again),
    )


def _read_attempts(logs: Path, message: str) -> Iterator[Attempt]:
    for log in logs.glob("transcoder*.log"):
        for line in log.read_text().splitlines():
            record = _parse(line)
            if record.get("message") == message:
                yield record["job_id"], record["chunk"], record["attempt"]


def _parse(line: str) -> dict[str, Any]:
    """A line that a kill cut off, or that a library printed, says nothing."""
    try:
        record = json.loads(line)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}
