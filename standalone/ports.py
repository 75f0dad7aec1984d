"""Whether the two ports are free, before anything is started."""

import errno
import socket
from typing import Final

from standalone.config import Config
from standalone.failure import StartFailed

_LOOPBACK: Final = "127.0.0.1"


def check_ports(config: Config) -> None:
    """Raise `StartFailed` when a port cannot be used, or when both are the same."""
    if config.control_port == config.edge_port:
        raise StartFailed(
            f"Control plane and edge cannot share port {config.control_port}.",
            remedy="Set SLUICE_CONTROL_PORT or SLUICE_EDGE_PORT to another one.",
        )
    for variable, port in (
        ("SLUICE_CONTROL_PORT", config.control_port),
        ("SLUICE_EDGE_PORT", config.edge_port),
    ):
        fault = find_fault(port)
        if fault:
            raise StartFailed(
                f"Port {port} cannot be used: {fault}.",
                remedy=f"Free it, or set another one: {variable}={_suggest(port)} make run",
            )


def find_fault(port: int) -> str | None:
    """Why no server could listen here; what a closed connection leaves is no reason."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_LOOPBACK, port))
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            return "another program listens there" if taken else str(error.strerror)
    return None


def _suggest(port: int) -> int:
    return next(
        (other for other in range(max(port, 1024) + 1, 65536) if not find_fault(other)), port
    )
