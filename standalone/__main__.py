"""Run the whole system on this machine: `python -m standalone`, or `make run`."""

import argparse
import asyncio
import os
import signal
import sys
from contextlib import AsyncExitStack
from functools import partial

from shared.runtime.config import ConfigInvalid, load_config
from shared.runtime.lifeline import tie_to_parent
from standalone.announcement import Announcement
from standalone.config import Config
from standalone.deployment import plan_deployment
from standalone.display import Display
from standalone.failure import StartFailed
from standalone.guard import Guard
from standalone.offer import prepare_offer, render_offer
from standalone.ports import check_ports
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
    except (asyncio.CancelledError, KeyboardInterrupt):
        display.say("Stopped.")
    return 0


async def _serve(config: Config, display: Display) -> None:
    """Bring everything up, say what to open, and stay until told to stop."""
    with open_state(config.state) as state:
        check_ports(config)
        deployment = plan_deployment(config, state)
        announcement = Announcement(deployment)
        guard = Guard(state.announcement)
        supervisor = Supervisor(guard, partial(_tell_restart, display, announcement))
        _stop_on_signals(supervisor, display)
        async with supervisor.supervising(), AsyncExitStack() as running:
            system = System(deployment, supervisor=supervisor, display=display, running=running)
            await system.start_postgres()
            await system.start_redis()
            await system.prepare_database()
            await system.start_services()
            offer = await prepare_offer(deployment, display)
            running.callback(announcement.withdraw)
            announcement.publish(offer, lambda: {"supervisor": os.getpid(), **supervisor.pids})
            display.say(render_offer(offer, logs=state.logs))
            await asyncio.Event().wait()


def _tell_restart(display: Display, announcement: Announcement, sentence: str) -> None:
    display.say(sentence)
    announcement.refresh()


def _stop_on_signals(supervisor: Supervisor, display: Display) -> None:
    """The first signal stops in good order, the second one at once."""
    serving = asyncio.current_task()

    def stop() -> None:
        if serving is None or serving.cancelling():
            supervisor.kill_all()
            return
        serving.cancel()
        display.say("\nStopping; films and accounts are kept. Once more stops at once.")

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
