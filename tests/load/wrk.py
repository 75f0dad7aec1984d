"""wrk, the load: one thread of it asks for what a list says, over and over or once."""

import json
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.load.results import RunFailed

CONNECTIONS: Final = 32
GRACE_S: Final = 30

_SCRIPT: Final = Path(__file__).with_name("paths.lua")


class WrkFailed(RunFailed):
    """wrk did not tell what came of its requests."""


@dataclass(frozen=True, slots=True)
class Requests:
    """What is asked for: a list in a file, and how many bytes each answer has at least."""

    file: Path
    size_bytes: int
    once: bool = False


@dataclass(frozen=True, slots=True)
class Answers:
    """What came of it: complete answers, their bytes, and how many were bad or missing."""

    requests: int
    bytes: int
    p50_ms: float
    p99_ms: float
    bad: int


def list_requests(
    file: Path, paths: Iterable[str], *, size_bytes: int, once: bool = False
) -> Requests:
    """Write the list."""
    file.write_text("".join(f"{path}\n" for path in paths))
    return Requests(file, size_bytes, once)


def run_wrk(
    wrk: Path, port: int, requests: Requests, *, seconds: int, connections: int = CONNECTIONS
) -> Answers:
    command = [str(wrk), "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(_SCRIPT)]
    order = "once" if requests.once else "again"
    target = [f"http://127.0.0.1:{port}", str(requests.file), order]
    finished = subprocess.run(
        [*command, *target], capture_output=True, text=True, check=False, timeout=seconds + GRACE_S
    )
    return parse_answers(finished.stdout or finished.stderr)


def parse_answers(output: str) -> Answers:
    """What the script's last line says; raises `WrkFailed` where wrk said something else."""
    last = (output.splitlines() or [""])[-1]
    if not last.startswith("{"):
        raise WrkFailed(f"wrk said {output.strip()[-300:]!r}")
    return Answers(**json.loads(last))


def find_complaint(answers: Answers, requests: Requests) -> str:
    """Why a run measures nothing; empty when it does."""
    if not answers.requests:
        return "no answer came"
    if answers.bad:
        return f"{answers.bad} of {answers.requests} answers were bad or missing"
    if answers.bytes < answers.requests * requests.size_bytes:
        return f"{answers.requests} answers had only {answers.bytes} bytes"
    return ""
