import socket
from collections.abc import Iterator

import pytest

from standalone.config import Config
from standalone.failure import StartFailed
from standalone.ports import check_ports, find_fault


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def configure(control_port: int, edge_port: int) -> Config:
    return Config(SLUICE_CONTROL_PORT=control_port, SLUICE_EDGE_PORT=edge_port)


def test_free_port_has_no_fault(free_port: int) -> None:
    assert find_fault(free_port) is None


def test_taken_control_port_is_refused_with_its_variable(taken_port: int, free_port: int) -> None:
    with pytest.raises(StartFailed, match=f"Port {taken_port} .* another program") as caught:
        check_ports(configure(taken_port, free_port))
    assert "SLUICE_CONTROL_PORT=" in caught.value.remedy


def test_taken_edge_port_is_refused_with_its_variable(taken_port: int, free_port: int) -> None:
    with pytest.raises(StartFailed, match=f"Port {taken_port} .* another program") as caught:
        check_ports(configure(free_port, taken_port))
    assert "SLUICE_EDGE_PORT=" in caught.value.remedy


def test_one_port_for_both_is_refused(free_port: int) -> None:
    with pytest.raises(StartFailed, match="cannot share"):
        check_ports(configure(free_port, free_port))
