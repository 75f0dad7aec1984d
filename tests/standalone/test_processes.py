import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from standalone.processes import Child, Program
from standalone.waiting import wait_until
from tests.processes import find_processes

ASK = "import sys; print(sys.stdin.read(), end='')"
OBEDIENT = "print('up', flush=True); import signal; signal.pause()"
STUBBORN = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print('up', flush=True); signal.pause(); signal.pause()"
)
PARENT = """
import subprocess, sys, signal
subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
print("up", flush=True)
signal.pause()
"""


def describe(folder: Path, code: str, *, grace_s: float = 10, words: str = "") -> Program:
    return Program(
        name="program",
        command=(sys.executable, "-c", code),
        environment={"MARK": str(folder)},
        folder=folder,
        log=folder / "program.log",
        grace_s=grace_s,
        words=words,
    )


async def start(program: Program) -> Child:
    """Start a program and wait until it says that it is up."""
    child = Child(program)

    async def is_up() -> bool:
        return "up" in program.log.read_text()

    await wait_until(is_up, what="up", within_s=20)
    return child


async def finish(child: Child) -> int:
    """Wait for a program's own end; its exit code."""

    async def has_ended() -> bool:
        return child.has_ended()

    await wait_until(has_ended, what="an end", within_s=20)
    return child.bury()


async def test_words_arrive_and_output_is_logged(tmp_path: Path) -> None:
    child = Child(describe(tmp_path, ASK, words="a secret"))
    assert await finish(child) == 0
    assert (tmp_path / "program.log").read_text() == "a secret"


async def test_obedient_program_ends_when_asked(tmp_path: Path) -> None:
    child = await start(describe(tmp_path, OBEDIENT))
    assert await child.stop() == -signal.SIGTERM


async def test_stubborn_program_is_killed_after_its_grace(tmp_path: Path) -> None:
    child = await start(describe(tmp_path, STUBBORN, grace_s=0.1))
    assert await child.stop() == -signal.SIGKILL


async def test_what_a_program_leaves_behind_goes_with_it(tmp_path: Path) -> None:
    child = await start(describe(tmp_path, PARENT))
    assert len(find_processes(tmp_path)) == 2
    os.kill(child.pid, signal.SIGKILL)
    child.bury()

    async def is_gone() -> bool:
        return not find_processes(tmp_path)

    await wait_until(is_gone, what="an empty group", within_s=10)


async def test_children_are_started_from_the_main_thread_only(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="main thread"):
        await asyncio.to_thread(Child, describe(tmp_path, OBEDIENT))
