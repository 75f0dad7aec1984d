"""nginx as it comes, serving a folder, with one worker."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from standalone.processes import Child, Program
from standalone.waiting import wait_until

_STARTED_S: Final = 10
# As root nginx would give its worker an account that cannot enter the tests' folders.
_USER: Final = "user root;" if os.getuid() == 0 else ""
_CONFIGURATION: Final = """
daemon off; worker_processes 1; pid nginx.pid; error_log stderr; {user}
events {{ worker_connections 64; }}
http {{
    access_log off;
    keepalive_requests 1000000;
    client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp;
    uwsgi_temp_path tmp; scgi_temp_path tmp;
    server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


@asynccontextmanager
async def serve_folder(program: str, root: Path, folder: Path) -> AsyncIterator[int]:
    """Run nginx below `folder`; its port."""
    port = _find_port()
    configuration = _write_configuration(folder, root, port)
    child = Child(
        Program(
            name="nginx",
            command=(program, "-p", f"{folder}/", "-c", str(configuration), "-e", "stderr"),
            environment={},
            folder=folder,
            log=folder / "nginx.log",
        )
    )

    async def listens() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionError:
            return False
        writer.close()
        await writer.wait_closed()
        return True

    try:
        await wait_until(listens, what="nginx", within_s=_STARTED_S)
        yield port
    finally:
        await child.stop()


def _write_configuration(folder: Path, root: Path, port: int) -> Path:
    folder.mkdir()
    configuration = folder / "nginx.conf"
    configuration.write_text(_CONFIGURATION.format(user=_USER, port=port, root=root))
    return configuration


def _find_port() -> int:
    with socket.socket() as plug:
        plug.bind(("127.0.0.1", 0))
        port: int = plug.getsockname()[1]
        return port
