import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from standalone import supervisor as supervisor_module
from standalone.failure import StartFailed
from standalone.guard import Guard
from standalone.processes import Program
from standalone.supervisor import Supervisor, describe_end
from standalone.waiting import wait_until
from tests.processes import find_processes

SERVE = "import signal; signal.pause()"


def describe(folder: Path, name: str, code: str = SERVE) -> Program:
    return Program(
        name=name,
        command=(sys.executable, "-c", code),
        environment={"MARK": str(folder)},
        folder=folder,
        log=folder / f"{name}.log",
    )


@asynccontextmanager
async def supervising(sentences: list[str] | None = None) -> AsyncIterator[Supervisor]:
    told = sentences if sentences is not None else []
    supervisor = Supervisor(Guard(Path("/nonexistent/standalone.json"), grace_s=0.1), told.append)
    async with supervisor.supervising():
        yield supervisor


async def never() -> bool:
    return False


async def test_programs_run_until_the_block_ends(tmp_path: Path) -> None:
    async with supervising() as supervisor:
        async with supervisor.keeping([describe(tmp_path, "one"), describe(tmp_path, "two")]):
            assert set(supervisor.pids) == {"one", "two"}
            assert find_processes(tmp_path) == set(supervisor.pids.values())
        assert not supervisor.pids
        assert not find_processes(tmp_path)


async def test_dead_program_is_started_again(tmp_path: Path) -> None:
    sentences: list[str] = []
    async with (
        supervising(sentences) as supervisor,
        supervisor.keeping([describe(tmp_path, "service")]),
    ):
        first = supervisor.pids["service"]
        os.kill(first, signal.SIGKILL)

        async def is_restarted() -> bool:
            return supervisor.pids.get("service", first) != first

        await wait_until(is_restarted, what="a restart", within_s=20)
    assert sentences == ["service ended (signal 9, Killed) and was started again"]


async def test_program_that_cannot_be_started_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor_module, "_LONGEST_PAUSE_S", 0.1)
    sentences: list[str] = []
    program = tmp_path / "program"
    program.symlink_to(sys.executable)
    service = replace(describe(tmp_path, "service"), command=(str(program), "-c", SERVE))
    async with supervising(sentences) as supervisor, supervisor.keeping([service]):
        first = supervisor.pids["service"]
        program.unlink()
        os.kill(first, signal.SIGKILL)

        async def is_told() -> bool:
            return "cannot be started" in " ".join(sentences)

        await wait_until(is_told, what="the failure", within_s=20)
        program.symlink_to(sys.executable)

        async def is_restarted() -> bool:
            return "service" in supervisor.pids

        await wait_until(is_restarted, what="a restart", within_s=20)


async def test_command_runs_to_its_end(tmp_path: Path) -> None:
    async with supervising() as supervisor:
        await supervisor.run(describe(tmp_path, "command", "print('done')"))
    assert (tmp_path / "command.log").read_text() == "done\n"


async def test_failed_command_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    async with supervising() as supervisor:
        code = "import sys; print('no such table'); sys.exit(3)"
        with pytest.raises(StartFailed, match=r"command failed \(exit code 3\)") as caught:
            await supervisor.run(describe(tmp_path, "command", code))
    assert "no such table" in caught.value.remedy


async def test_program_that_keeps_ending_is_given_up(tmp_path: Path) -> None:
    async with supervising() as supervisor:
        program = describe(tmp_path, "service", "print('bad setting')")
        async with supervisor.keeping([program]):
            with pytest.raises(StartFailed, match="ends as often as it is started") as caught:
                await supervisor.await_ready(program, never, within_s=60)
    assert "bad setting" in caught.value.remedy


async def test_program_that_never_answers_is_given_up(tmp_path: Path) -> None:
    async with supervising() as supervisor:
        program = describe(tmp_path, "service")
        async with supervisor.keeping([program]):
            with pytest.raises(StartFailed, match="service is not ready"):
                await supervisor.await_ready(program, never, within_s=0.1)


async def test_all_can_be_killed_at_once(tmp_path: Path) -> None:
    stubborn = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.pause()"
    async with supervising() as supervisor:
        async with supervisor.keeping([describe(tmp_path, "service", stubborn)]):
            supervisor.kill_all()
        assert not find_processes(tmp_path)


async def test_log_of_the_run_before_is_kept(tmp_path: Path) -> None:
    async with supervising() as supervisor:
        for number in (1, 2):
            await supervisor.run(describe(tmp_path, "command", f"print({number})"))
    assert (tmp_path / "command.log").read_text() == "2\n"
    assert (tmp_path / "command.log.1").read_text() == "1\n"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, "exit code 0"),
        (1, "exit code 1"),
        (-9, "signal 9, Killed"),
        (-40, "signal 40, Real-time signal 6"),
    ],
    ids=["success", "failure", "signal", "signal without a name"],
)
def test_end_is_told_in_words(code: int, words: str) -> None:
    assert describe_end(code) == words
