"""A process in the sandbox reaches no network and writes nowhere but where it may."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ENTER = """
import os, resource, socket, sys
from pathlib import Path
from transcoder.work.sandbox import enter_sandbox
from transcoder.settings import Limits
limits = Limits(
    cpu_s=60, wall_s=60, stall_s=60, address_bytes=4 * 10**9, file_bytes=10**6
)
refused = enter_sandbox(limits, [Path(sys.argv[1])])
def attempt(action):
    try:
        action()
        return "done"
    except OSError as error:
        return type(error).__name__
"""


def run(script: str, *arguments: object) -> list[str]:
    """Run a script in a sandbox that may write to the folder which is the first argument."""
    done = subprocess.run(
        [sys.executable, "-c", ENTER + script, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return done.stdout.split()


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> str:
    return " ".join(run("print(*refused)", tmp_path_factory.mktemp("sandbox")))


@pytest.fixture
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_no_connection_is_made(refused: str, port: int, tmp_path: Path) -> None:
    if "network" in refused:
        pytest.skip("network namespaces are not permitted here")
    script = """
print(attempt(lambda: socket.create_connection(("127.0.0.1", int(sys.argv[2])), 2)))
datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
print(attempt(lambda: datagrams.sendto(b"x", ("192.0.2.1", 9))))
print(attempt(lambda: datagrams.sendto(b"x", ("127.0.0.1", int(sys.argv[2])))))
"""
    assert "done" not in run(script, tmp_path, port)


def test_only_its_own_folders_are_written_to(refused: str, tmp_path: Path) -> None:
    if "Landlock" in refused:
        pytest.skip("Landlock is not permitted here")
    own, other = tmp_path / "own", tmp_path / "other"
    for folder in (own / "deeper", other):
        folder.mkdir(parents=True)
    (other / "film").write_text("a film")
    script = """
own, other = Path(sys.argv[1]), Path(sys.argv[2])
print(attempt(lambda: (own / "a").write_text("a")))
print(attempt(lambda: (own / "deeper/b").hardlink_to(own / "a")))
print(attempt(lambda: (own / "a").rename(own / "deeper/c")))
print(attempt(lambda: Path(os.devnull).write_text("a")))
print(attempt(lambda: (other / "film").read_text()))
print(attempt(lambda: (other / "b").write_text("a")))
print(attempt(lambda: (other / "film").write_text("a")))
print(attempt(lambda: (other / "film").unlink()))
print(attempt(lambda: (other / "folder").mkdir()))
print(attempt(lambda: os.truncate(other / "film", 0)))
"""
    assert run(script, own, other) == ["done"] * 5 + ["PermissionError"] * 5
    assert (other / "film").read_text() == "a film"


def test_the_limits_hold(tmp_path: Path) -> None:
    script = """
names = ("AS", "CPU", "FSIZE", "CORE", "NOFILE")
for limit in (getattr(resource, f"RLIMIT_{name}") for name in names):
    print(resource.getrlimit(limit)[1])
"""
    assert [int(value) for value in run(script, tmp_path)] == [4 * 10**9, 60, 10**6, 0, 256]
    assert os.getpriority(os.PRIO_PROCESS, 0) < 5
