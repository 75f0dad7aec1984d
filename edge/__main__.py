"""One edge process: `python -m edge`. Several may share a port; see `edge.config`."""

import asyncio
import logging
import signal
import sys

import aiohttp
import uvloop

from edge.config import Config
from edge.protocol import ServerUnfit, check_aiohttp
from edge.server import CannotListen, open_edge
from shared.runtime.config import ConfigInvalid, load_config
from shared.runtime.logs import configure_logging

_log = logging.getLogger("edge")


def main() -> int:
    """Serve until SIGTERM or SIGINT; 2 says that the edge could not begin."""
    try:
        check_aiohttp(aiohttp.__version__)
        config = load_config(Config)
        configure_logging("edge", level=config.log_level)
        uvloop.run(_serve(config))
    except (ConfigInvalid, ServerUnfit, CannotListen) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


async def _serve(config: Config) -> None:
    stop = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    async with open_edge(config) as edge:
        _log.info("serving %s:%d", config.host, edge.port)
        await stop.wait()
        _log.info("stopping")


if __name__ == "__main__":
    sys.exit(main())
