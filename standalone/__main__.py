"""Run the whole system on this machine: `python -m standalone`, or `make run`."""

import argparse
import asyncio
import os
import signal
import sys
from contextlib import AsyncExitStack

from shared.runtime.config import ConfigInvalid, load_config
from standalone.config import Config
from standalone.deployment import plan_deployment
from standalone.display import Display
from standalone.failure import StartFailed
from standalone.ports import check_ports
from standalone.processes import tie_to_parent
from standalone.state import open_state
from standalone.supervisor import Supervisor
from standalone.system import System


def main() -> int:
    if _parse_arguments().with_parent:
        tie_to_parent(signal.SIGTERM, os.getppid())
    display = Display()
    try:
        asyncio.run(_serve(load_config(Config), display))
    except ConfigInvalid as error:
        display.say(f"\nThe environment is not right:\n{error}\n")
        return 1
    except StartFailed as failure:
        display.say(f"\n{failure.fault}\n{failure.remedy}\n")
        return 1
    except asyncio.CancelledError:
        display.say("Stopped. Films and accounts are kept.")
    return 0


async def _serve(config: Config, display: Display) -> None:
    """Bring everything up, say what to open, and stay until told to stop."""
    supervisor = Supervisor(display.say)
    _stop_on_signals(supervisor, display)
    with open_state(config.state) as state:
        check_ports(config)
        deployment = plan_deployment(config, state)
        async with supervisor.supervising(), AsyncExitStack() as running:
            system = System(deployment, supervisor=supervisor, display=display, running=running)
            await system.start_postgres()
            await system.start_redis()
            await system.prepare_database()
            await system.start_services()
            await asyncio.Event().wait()


def _stop_on_signals(supervisor: Supervisor, display: Display) -> None:
    """The first signal stops in good order, the second one at once."""
    serving = asyncio.current_task()

    def stop() -> None:
        if serving is None or serving.cancelling():
            supervisor.kill_all()
            return
        display.say("\nStopping. Once more stops at once.")
        serving.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop)


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m standalone", description=__doc__)
    parser.add_argument(
        "--with-parent", action="store_true", help="stop when the process that started this ends"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
