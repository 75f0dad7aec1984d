"""One worker process, started by the parent: `python -m edge.worker <its number> <parent's pid>`.

It has the parent's environment, but for the port that was found and an internal socket of its own.
"""

import asyncio
import faulthandler
import logging
import signal
import sys
from pathlib import Path
from typing import Final

import aiohttp
import uvloop

from edge.config import Config
from edge.content.memory import keep_freed_memory
from edge.process.collector import calm_collector
from edge.process.internal import CannotListen
from edge.process.turns import Turns
from edge.process.workers import CANNOT_BEGIN
from edge.protocol import ServerUnfit, check_aiohttp
from edge.server import open_edge
from shared.runtime.config import ConfigInvalid, load_config
from shared.runtime.lifeline import tie_to_parent
from shared.runtime.logs import configure_logging

STUCK_AFTER_S: Final = 4.0
"""How much longer than it should a drain may take before the process ends itself, shortly before
the parent would: here it still says where it hung."""

_log = logging.getLogger("edge.worker")


def main(name: str, parent_pid: str) -> int:
    """Serve until SIGTERM, which also comes when the parent dies."""
    tie_to_parent(signal.SIGTERM, int(parent_pid))
    # a Ctrl-C reaches the whole group; it is the parent that says when to stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        check_aiohttp(aiohttp.__version__)
        config = load_config(Config)
        configure_logging("edge", level=config.log_level)
        keep_freed_memory()
        calm_collector()
        uvloop.run(_serve(config, name))
    except (ConfigInvalid, ServerUnfit, CannotListen) as error:
        sys.stderr.write(f"{error}\n")
        return CANNOT_BEGIN
    return 0


async def _serve(config: Config, name: str) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with open_edge(config, turns=Turns(_find_folder(config))) as edge:
        _log.info("worker %s serves %s:%d", name, config.host, edge.port)
        await stop.wait()
        _log.info("worker %s stops", name)
        faulthandler.dump_traceback_later(config.drain_s + STUCK_AFTER_S, exit=True)
    faulthandler.cancel_dump_traceback_later()


def _find_folder(config: Config) -> Path:
    """The folder that the parent made for all its workers."""
    return Path(config.internal.removeprefix("unix:")).parent


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
