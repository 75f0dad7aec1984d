"""Programs that are started, waited for and ended."""

import socket
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.load.servers import (
    Server,
    ServerNotStarted,
    count_listeners,
    find_port,
    listens,
    run_program,
)

LISTEN = "import socket, sys; s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); s.accept()"
TABLE = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1
   1: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2
   2: 0100007F:1F90 0100007F:A3F2 01 00000000:00000000 00:00000000 00000000     0        0 3
   3: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4
"""


def test_a_program_runs_as_long_as_it_is_wanted(tmp_path: Path) -> None:
    port = find_port()
    with run_program(
        [sys.executable, "-c", LISTEN, str(port)],
        output=tmp_path / "out",
        environment={},
        is_ready=partial(listens, port),
    ) as pid:
        assert Server("listener", port, (pid,)).held_bytes() > 0
    assert not Path(f"/proc/{pid}").exists()
    assert not listens(port)


def test_a_program_that_ends_early_is_quoted(tmp_path: Path) -> None:
    with (
        pytest.raises(ServerNotStarted, match="edge did not start: no such setting"),
        run_program(
            [sys.executable, "-c", "import sys; sys.exit('no such setting')"],
            output=tmp_path / "edge.out",
            environment={},
            is_ready=lambda: False,
        ),
    ):
        pass


def test_a_program_gets_no_environment_but_what_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLUICE_EDGE_PORT", "1")
    with (
        pytest.raises(ServerNotStarted, match=r"\['A', 'PATH'\]"),
        run_program(
            [sys.executable, "-c", "import os; print(sorted(set(os.environ) - {'LC_CTYPE'}))"],
            output=tmp_path / "out",
            environment={"A": "b"},
            is_ready=lambda: False,
        ),
    ):
        pass


@pytest.mark.parametrize(("port", "count"), [(8080, 2), (8081, 1), (8082, 0)])
def test_every_worker_listens_with_a_socket_of_its_own(port: int, count: int) -> None:
    assert count_listeners(TABLE, port) == count


def test_the_kernel_knows_who_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert listens(server.getsockname()[1])
        assert not listens(server.getsockname()[1], times=2)


def test_what_a_server_costs_is_added_up_over_its_processes() -> None:
    with subprocess.Popen(
        ["/bin/cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    ) as idle:
        assert idle.stdin is not None
        assert idle.stdout is not None
        idle.stdin.write(b"loaded")
        assert idle.stdout.read(6) == b"loaded"
        once, twice = Server("once", 1, (idle.pid,)), Server("twice", 1, (idle.pid, idle.pid))
        assert (once.open_files(), twice.open_files()) == (3, 6)
        idle.stdin.close()
