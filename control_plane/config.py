"""The control plane's settings from the environment."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode, SettingsConfigDict

from shared.runtime.config import ServiceConfig

MIB = 1024**2
GIB = 1024 * MIB


def _split(text: object) -> object:
    return tuple(text.split(",")) if isinstance(text, str) else text


CommaList = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
NetworkList = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_split)]


class Config(ServiceConfig):
    """What an operator may set. Variables are `SLUICE_CONTROL_<NAME>` unless named otherwise."""

    model_config = SettingsConfigDict(env_prefix="SLUICE_CONTROL_")

    database_url: SecretStr = Field(
        validation_alias="DATABASE_URL", description="PostgreSQL, as a URL."
    )
    redis_url: SecretStr = Field(
        validation_alias="REDIS_URL", description="Redis, as a URL; unix:// for a socket."
    )
    media_store: Path = Field(
        validation_alias="SLUICE_MEDIA_STORE", description="Directory of the media store."
    )
    issuer: str = Field(
        validation_alias="SLUICE_ISSUER", description="Issuer (`iss`) of this site's tokens."
    )
    trusted_proxies: NetworkList = Field(
        default=(),
        validation_alias="SLUICE_TRUSTED_PROXIES",
        description="Networks whose Forwarded headers are believed, separated by commas.",
    )
    log_level: str = Field(
        default="INFO", validation_alias="SLUICE_LOG_LEVEL", description="Lowest level logged."
    )
    host: str = Field(default="127.0.0.1", description="Address the control plane listens on.")
    port: int = Field(default=8000, description="Port the control plane listens on.")
    url: str = Field(description="Public base URL of the control plane.")
    edge_url: str = Field(description="Public base URL of the edge.")
    secret_key: SecretStr = Field(description="Django's secret key, 50 characters or more.")
    kek: SecretStr = Field(
        description="Keys that encrypt signing keys at rest, as Fernet keys, newest first."
    )
    jwt_private_key: SecretStr = Field(description="RSA key (PEM) that signs API access tokens.")
    allowed_hosts: CommaList = Field(
        default=("localhost", "127.0.0.1"), description="Host names served, separated by commas."
    )
    spool: Path = Field(description="Directory where uploads are kept until they are complete.")
    max_upload_bytes: int = Field(default=64 * GIB, description="Largest upload accepted.")
    max_source_bytes: int = Field(
        default=100 * MIB, description="Largest source accepted in one request."
    )
    sign_up: bool = Field(default=True, description="Whether visitors may create an account.")
    cors_origins: CommaList = Field(
        default=(), description="Origins of other front ends, separated by commas."
    )
    email_host: str = Field(
        default="", description="SMTP server; without one mail is printed to standard output."
    )
    email_port: int = Field(default=587, description="Port of the SMTP server.")
    email_user: str = Field(default="", description="User name at the SMTP server.")
    email_password: SecretStr = Field(
        default=SecretStr(""), description="Password at the SMTP server."
    )
    email_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="How the way to the SMTP server is secured."
    )
    email_from: str = Field(
        default="Sluice <sluice@localhost>", description="Sender of the mail that is sent."
    )
