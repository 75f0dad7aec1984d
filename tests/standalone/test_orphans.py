import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from standalone.waiting import wait_until
from tests.processes import find_processes

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """As root, PostgreSQL's account must be able to pass through to it."""
    temporary = Path(tempfile.gettempdir())
    for place in (tmp_path, *tmp_path.relative_to(temporary).parents):
        (temporary / place).chmod(0o711)
    return tmp_path


@pytest.fixture
def supervisor(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = (sys.executable, "-m", "tests.standalone.supervised", str(folder))
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout
        assert process.stdout.readline() == b"up\n"
        yield process
        process.kill()


async def test_killed_supervisor_leaves_no_process(
    folder: Path, supervisor: subprocess.Popen[bytes]
) -> None:
    assert len(find_processes(folder)) > 4
    os.kill(supervisor.pid, signal.SIGKILL)
    supervisor.wait()

    async def all_gone() -> bool:
        return not find_processes(folder)

    await wait_until(all_gone, what="the last process", within_s=30)
