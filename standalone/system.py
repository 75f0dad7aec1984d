"""The steps to a running system, each of which ends when what it started answers."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Final

from standalone import health, postgres, programs, redis
from standalone.deployment import Deployment
from standalone.display import Display
from standalone.failure import StartFailed
from standalone.processes import Program
from standalone.supervisor import Supervisor
from standalone.waiting import OutOfTime, wait_until

Check = Callable[[], Awaitable[bool]]

_READY_S: Final = 60
_FOREIGN_READY_S: Final = 5


class System:
    """Starts what `deployment` describes. What it started runs until `running` is closed."""

    def __init__(
        self,
        deployment: Deployment,
        *,
        supervisor: Supervisor,
        display: Display,
        running: AsyncExitStack,
    ) -> None:
        self._deployment = deployment
        self._supervisor = supervisor
        self._display = display
        self._running = running

    async def start_postgres(self) -> None:
        """The embedded PostgreSQL, or a look at the one that DATABASE_URL names."""
        embedded = self._deployment.postgres
        with self._display.step("PostgreSQL"):
            if embedded is None:
                check = partial(postgres.takes_connections, self._deployment.database_url)
                await _await_foreign("DATABASE_URL", check)
                return
            postgres.create_cluster(embedded)
            program = postgres.describe_program(embedded, self._log(postgres.NAME))
            await self._keep(program)
            check = partial(postgres.takes_connections, embedded.url_of("postgres"))
            await self._await_ready(program, check)
            await postgres.create_database(embedded)

    async def start_redis(self) -> None:
        """The embedded Redis, or a look at the one that REDIS_URL names."""
        embedded = self._deployment.redis
        check = partial(redis.takes_commands, self._deployment.redis_url)
        with self._display.step("Redis"):
            if embedded is None:
                await _await_foreign("REDIS_URL", check)
                return
            program = redis.describe_program(embedded, self._log(redis.NAME))
            await self._keep(program)
            await self._await_ready(program, check)

    async def prepare_database(self) -> None:
        """Bring the tables up to date, let edges in, make sure that there is an administrator."""
        with self._display.step("Database"):
            await self._supervisor.run(programs.describe_migrate(self._deployment))
            await self._supervisor.run(programs.describe_ensure_edge_role(self._deployment))
            await self._supervisor.run(programs.describe_ensure_admin(self._deployment))

    async def start_services(self) -> None:
        """Control plane, workers and edge: started together, waited for one after the other."""
        config = self._deployment.config
        control = programs.describe_control(self._deployment)
        workers = programs.describe_workers(self._deployment)
        edge = programs.describe_edge(self._deployment)
        await self._keep(control, *workers, edge)
        with self._display.step("Control plane") as step:
            step.result = config.control_url
            await self._await_ready(
                control, partial(health.answers, f"{config.control_url}/readyz")
            )
        with self._display.step("Edge") as step:
            step.result = config.edge_url
            socket = self._deployment.edge_socket
            check = partial(health.answers, "http://edge/readyz", socket=socket)
            await self._await_ready(edge, check)

    async def _keep(self, *kept: Program) -> None:
        await self._running.enter_async_context(self._supervisor.keeping(kept))

    async def _await_ready(self, program: Program, check: Check) -> None:
        await self._supervisor.await_ready(program, check, within_s=_READY_S)

    def _log(self, name: str) -> Path:
        return self._deployment.state.logs / f"{name}.log"


async def _await_foreign(variable: str, check: Check) -> None:
    try:
        await wait_until(check, what="an answer", within_s=_FOREIGN_READY_S)
    except OutOfTime as error:
        raise StartFailed(
            f"The server that {variable} names does not take our connection.",
            remedy=f"Start it and check the address, or leave {variable} unset: "
            "then a server of our own is started.",
        ) from error
