"""A system to be killed: PostgreSQL, Redis and a service with a stubborn child, supervised.

Run by `test_orphans.py` as `python -m tests.standalone.supervised <folder>`.
"""

import asyncio
import sys
from functools import partial
from pathlib import Path

from standalone import postgres, redis
from standalone.guard import Guard
from standalone.processes import Program
from standalone.supervisor import Supervisor

STUBBORN_PARENT = """
import subprocess, sys, signal
child = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.pause()"
subprocess.Popen([sys.executable, "-c", child])
signal.pause()
"""


async def serve(folder: Path) -> None:
    database = postgres.Postgres(
        folder=folder / "postgres", sockets=folder / "s", password="secret", durable=False
    )
    broker = redis.Redis(folder=folder / "redis", sockets=folder / "r", password="secret")
    postgres.create_cluster(database)
    programs = [
        postgres.describe_program(database, folder / "postgres.log"),
        redis.describe_program(broker, folder / "redis.log"),
        Program(
            name="service",
            command=(sys.executable, "-c", STUBBORN_PARENT),
            environment={"MARK": str(folder)},
            folder=folder,
            log=folder / "service.log",
        ),
    ]
    supervisor = Supervisor(Guard(folder / "standalone.json"), print)
    async with supervisor.supervising(), supervisor.keeping(programs):
        ready = partial(postgres.takes_connections, database.url_of("postgres"))
        await supervisor.await_ready(programs[0], ready, within_s=30)
        await supervisor.await_ready(
            programs[1], partial(redis.takes_commands, broker.url), within_s=30
        )
        sys.stdout.write("up\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
