"""The two servers under measurement, each one process that serves, on a port of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.edge.edges import NOWHERE
from tests.edge.films import ISSUER

_NGINX_CONF = """\
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
{user}
events {{ worker_connections 1024; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_timeout 75s;
    keepalive_requests 1000000000;
    open_file_cache max=1000 inactive=60s;
    types {{ video/mp4 m4s; }}
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location ~ ^/v1/[^/]+/(?<file>.+)$ {{ alias {store}/assets/$file; }}
    }}
}}
"""


START_S: Final = 15.0


class ServerNotStarted(Exception):
    """A server ended early, or took too long."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; its processes are `pid` and its children."""

    name: str
    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """User and system time that all its processes have used so far."""
        ticks = sum(_ticks(pid) for pid in (self.pid, *_children(self.pid)))
        return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def serve_edge(folder: Path, store: Path, jwks: bytes) -> Iterator[Server]:
    """The edge as it is run in production, with every check, counter and log line."""
    port = _free_port()
    (folder / "jwks.json").write_bytes(jwks)
    environment = {
        "SLUICE_MEDIA_STORE": str(store),
        "SLUICE_ISSUER": ISSUER,
        "SLUICE_EDGE_PORT": str(port),
        "SLUICE_EDGE_INTERNAL": f"unix:{folder / 'edge.sock'}",
        "SLUICE_EDGE_JWKS_URL": NOWHERE,
        "SLUICE_EDGE_KEYS_FILE": str(folder / "jwks.json"),
    }
    with _run("edge", [sys.executable, "-m", "edge"], folder, environment, port) as server:
        yield server


@contextmanager
def serve_nginx(binary: Path, folder: Path, store: Path) -> Iterator[Server]:
    """nginx with sendfile and without any check; it overlooks the token's part of the path."""
    port = _free_port()
    user = "user root;" if os.getuid() == 0 else ""
    conf = _NGINX_CONF.format(folder=folder, store=store, port=port, user=user)
    (folder / "nginx.conf").write_text(conf)
    command = [str(binary), "-p", str(folder), "-c", "nginx.conf"]
    with _run("nginx", command, folder, {}, port) as server:
        yield server


@contextmanager
def _run(
    name: str, command: list[str], folder: Path, environment: Mapping[str, str], port: int
) -> Iterator[Server]:
    with (folder / f"{name}.out").open("wb") as output:
        process = subprocess.Popen(
            command,
            env={"PATH": os.defpath, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for(process, port)
            yield Server(name, port, process.pid)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_S
    while not _accepts(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise ServerNotStarted(f"{process.args!r} does not listen on port {port}")
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _ticks(pid: int) -> int:
    """utime and stime of proc(5), behind the name that may hold spaces."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]
