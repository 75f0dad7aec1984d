"""What the services are told: where everything lies and listens, and the secrets."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from shared.events.revocations import EDGE_ROLE
from standalone.config import Config
from standalone.credentials import ADMIN_PASSWORD, Credentials, load_credentials
from standalone.postgres import Postgres
from standalone.redis import Redis
from standalone.state import State, place_sockets

ADMIN_EMAIL: Final = "admin@sluice.localhost"


@dataclass(frozen=True, slots=True)
class Deployment:
    """A system on one machine. `postgres` and `redis` are None where others are named."""

    config: Config
    state: State
    credentials: Credentials
    sockets: Path
    postgres: Postgres | None
    redis: Redis | None

    @property
    def database_url(self) -> str:
        if self.postgres:
            return self.postgres.url
        return self.config.database_url.get_secret_value() if self.config.database_url else ""

    @property
    def edge_database_url(self) -> str:
        """The same database by the role that edges have."""
        url = urlsplit(self.database_url)
        server = url.netloc.rpartition("@")[2]
        password = self.credentials.postgres_edge_password
        return url._replace(netloc=f"{EDGE_ROLE}:{password}@{server}").geturl()

    @property
    def redis_url(self) -> str:
        if self.redis:
            return self.redis.url
        return self.config.redis_url.get_secret_value() if self.config.redis_url else ""

    @property
    def jwks_url(self) -> str:
        return f"{self.config.control_url}/.well-known/jwks.json"

    @property
    def admin_password_file(self) -> Path:
        return self.state.secrets / ADMIN_PASSWORD

    @property
    def edge_socket(self) -> Path:
        return self.sockets / "edge.sock"


def plan_deployment(config: Config, state: State) -> Deployment:
    """Take up the secrets in the state folder, or make them, and say where everything goes."""
    credentials = load_credentials(state.secrets)
    sockets = place_sockets(state, config.runtime_folder)
    return Deployment(
        config=config,
        state=state,
        credentials=credentials,
        sockets=sockets,
        postgres=None
        if config.database_url
        else Postgres(
            folder=state.postgres,
            sockets=sockets / "postgres",
            password=credentials.postgres_password,
        ),
        redis=None
        if config.redis_url
        else Redis(
            folder=state.redis, sockets=sockets / "redis", password=credentials.redis_password
        ),
    )
