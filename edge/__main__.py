"""The edge: `python -m edge` is the parent of as many worker processes as there are cores."""

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import uvloop

from edge.config import Config
from edge.process.internal import CannotListen, Internal, listen_inside
from edge.process.machine import count_cores, raise_open_files
from edge.process.roll_call import RollCall
from edge.process.workers import CANNOT_BEGIN, CannotBegin, Worker, hold_port, run_workers
from shared.runtime.config import ConfigInvalid, load_config, variables
from shared.runtime.logs import configure_logging

_log = logging.getLogger("edge")


def main() -> int:
    """Serve until SIGTERM or SIGINT; 2 says that the edge could not begin."""
    try:
        config = load_config(Config)
        configure_logging("edge", level=config.log_level)
        raise_open_files()
        uvloop.run(_serve(config))
    except (ConfigInvalid, CannotListen) as error:
        sys.stderr.write(f"{error}\n")
        return CANNOT_BEGIN
    except CannotBegin:
        return CANNOT_BEGIN
    return 0


async def _serve(config: Config) -> None:
    stop = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    with (
        hold_port(config.host, config.port) as port,
        TemporaryDirectory(prefix="sluice-edge-") as folder,
    ):
        workers = _describe_workers(config, port, Path(folder))
        roll_call = RollCall(workers, stopping=stop)
        internal = Internal(roll_call.check, roll_call.render)
        async with listen_inside(config.internal, internal):
            _log.info("starting, workers: %d", len(workers))
            await run_workers(workers, stop, drain_s=config.drain_s)


def _describe_workers(config: Config, port: int, folder: Path) -> list[Worker]:
    """Numbered from 1, each with an internal socket in a folder that is ours alone."""
    names = variables(Config)
    workers = []
    for number in range(1, (config.workers or count_cores()) + 1):
        socket = folder / f"worker-{number}.sock"
        told = {names["port"]: str(port), names["internal"]: f"unix:{socket}"}
        environment = {**os.environ, **told}  # noqa: TID251  (handed on, not read)
        workers.append(Worker(number, socket, environment))
    return workers


if __name__ == "__main__":
    sys.exit(main())
