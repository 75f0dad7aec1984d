"""Processes of a running system killed while they are at work (`kill -9`), as a crash would."""

import os
import signal
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import psycopg

from tests.stack import Stack
from tests.waiting import wait_for

_WITHIN_S: Final = 120
_CONTROL_PLANE: Final = ("control", "control-worker", "beat")

# A chunk at its last start is let be: a film that kills three workers is refused, and rightly so.
_AT_WORK: Final = """
SELECT chunk.worker, chunk.kind
FROM transcodes_transcodechunk AS chunk
JOIN transcodes_transcodejob AS job ON job.id = chunk.job_id
WHERE chunk.state = 'running' AND chunk.starts < 3 AND job.state IN ('queued', 'running')
ORDER BY random()
"""

Database = psycopg.Connection[Any]


class Victim(StrEnum):
    """What is killed: the control plane and the broker as wholes, of the workers one."""

    CHILD = "child"
    WORKER = "worker"
    BROKER = "broker"
    CONTROL_PLANE = "control plane"


@dataclass(frozen=True, slots=True)
class Strike:
    """What was killed, and the kind of a chunk that was worked on."""

    victim: Victim
    met: str


def strike(stack: Stack, victim: Victim, database: Database) -> Strike:
    """Kill a victim; of the workers one that is at work."""
    if victim in (Victim.CHILD, Victim.WORKER):
        return _strike_worker(victim, database)
    names = ("redis",) if victim is Victim.BROKER else _CONTROL_PLANE
    wait_for(lambda: _are_up(stack, names), what=f"a {victim} to kill", within_s=_WITHIN_S)
    kinds = [kind for _, kind in database.execute(_AT_WORK).fetchall()]
    for name in names:
        os.kill(stack.announced["pids"][name], signal.SIGKILL)
    return Strike(victim, kinds[0] if kinds else "nothing")


def list_descendants(pid: int) -> list[int]:
    """The processes below one, each after its parent; none when it is gone."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        texts = [(task / "children").read_text() for task in tasks]
    except (FileNotFoundError, ProcessLookupError):
        return []
    children = [int(child) for text in texts for child in text.split()]
    return [found for child in children for found in (child, *list_descendants(child))]


def _strike_worker(victim: Victim, database: Database) -> Strike:
    met: list[str] = []

    def kill() -> bool:
        for worker, kind in database.execute(_AT_WORK).fetchall():
            pid = int(worker.rpartition(":")[2])
            children = list_descendants(pid)
            if children:
                os.kill(pid if victim is Victim.WORKER else children[-1], signal.SIGKILL)
                met.append(kind)
                return True
        return False

    wait_for(kill, what="a worker to kill", within_s=_WITHIN_S)
    return Strike(victim, met[0])


def _are_up(stack: Stack, names: tuple[str, ...]) -> bool:
    pids = stack.announced["pids"]
    return all(name in pids and Path(f"/proc/{pids[name]}").exists() for name in names)
