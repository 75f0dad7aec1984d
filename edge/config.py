"""The edge's settings, from the environment."""

from pathlib import Path
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, HttpUrl, SecretStr
from pydantic_settings import NoDecode, SettingsConfigDict
from redis.asyncio import ConnectionPool

from shared.runtime.config import LogLevel, NetworkList, ServiceConfig, split_commas
from shared.tokens import Origin

OriginList: TypeAlias = Annotated[tuple[Origin, ...], NoDecode, BeforeValidator(split_commas)]


def _check_where(where: str) -> str:
    host, _, port = where.rpartition(":")
    is_port = port.isascii() and port.isdecimal() and int(port) <= 65535
    if where.startswith("unix:/") or (host and is_port):
        return where
    raise ValueError("neither unix:/path.sock nor host:port")


def _check_redis_url(url: SecretStr) -> SecretStr:
    ConnectionPool.from_url(url.get_secret_value())  # raises ValueError; connects to nothing
    return url


def _check_postgres_url(url: SecretStr) -> SecretStr:
    if not url.get_secret_value().startswith(("postgresql://", "postgres://")):
        raise ValueError("not a PostgreSQL URL")
    return url


class Config(ServiceConfig):
    """One edge: a parent, which has `internal`, and its workers, which share `host` and `port`."""

    model_config = SettingsConfigDict(
        env_prefix="SLUICE_EDGE_", validate_by_name=True, validate_by_alias=True
    )

    media_store: Path = Field(
        validation_alias="SLUICE_MEDIA_STORE", description="Directory of the media store"
    )
    issuer: str = Field(
        validation_alias="SLUICE_ISSUER", description="`iss` of this deployment's tokens, an URL"
    )
    redis_url: Annotated[SecretStr, AfterValidator(_check_redis_url)] = Field(
        validation_alias="REDIS_URL", description="Redis, as a URL; unix:// for a socket"
    )
    log_level: LogLevel = Field(
        "INFO", validation_alias="SLUICE_LOG_LEVEL", description="DEBUG, INFO, WARNING or ERROR"
    )
    trusted_proxies: NetworkList = Field(
        (),
        validation_alias="SLUICE_TRUSTED_PROXIES",
        description="Networks whose Forwarded headers are believed, separated by commas",
    )
    host: str = Field("127.0.0.1", description="Address that players reach")
    port: int = Field(8080, ge=0, le=65535, description="Port that players reach")
    internal: Annotated[str, AfterValidator(_check_where)] = Field(
        "127.0.0.1:8081",
        description="Where /readyz and /metrics are: unix:/path.sock or host:port",
    )
    workers: int = Field(
        0, ge=0, le=1024, description="Worker processes; 0 is one for each core it may use"
    )
    jwks_url: HttpUrl = Field(description="Where the control plane publishes its keys")
    keys_file: Path = Field(description="Where the last good copy of the keys is kept")
    database_url: Annotated[SecretStr, AfterValidator(_check_postgres_url)] = Field(
        description="PostgreSQL, as a URL with the role that may read what is revoked"
    )
    cache_bytes: int = Field(
        256 * 1024 * 1024, ge=1024 * 1024, description="RAM for file bodies, per worker"
    )
    read_threads: int = Field(4, ge=1, le=64, description="Threads that read from the store")
    read_queue: int = Field(128, ge=1, description="Reads that may wait; more are refused")
    keepalive_s: float = Field(75, gt=0, description="How long an idle connection stays open")
    header_s: float = Field(10, gt=0, description="How long the head of a request may take")
    stall_s: float = Field(
        30, gt=0, description="How long a reader may take nothing of what waits for it"
    )
    address_connections: int = Field(
        1024, ge=1, description="Open connections of one client address, per worker"
    )
    session_requests: int = Field(
        64, ge=1, description="Requests at once of one session, or of one address behind proxies"
    )
    in_flight_bytes: int = Field(
        512 * 1024 * 1024,
        ge=8 * 1024 * 1024,
        description="Bytes of bodies that are not in RAM on their way to clients, per worker",
    )
    refusals_per_s: float = Field(
        20, gt=0, description="Refusals for one client address that are explained, per worker"
    )
    credential_origins: OriginList = Field(
        (),
        description="Origins whose pages may use the edge's cookies, separated by commas",
    )
    drain_s: float = Field(30, ge=0, description="How long a stop waits for bodies under way")
