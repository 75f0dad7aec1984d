"""The control plane's settings from the environment."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import NoDecode, SettingsConfigDict

from control_plane.provider_settings import OpenIdProviders
from control_plane.rates import Rate, parse_rate
from shared.runtime.config import (
    CommaList,
    LogLevel,
    NetworkList,
    ServiceConfig,
    split_commas,
)

MIB = 1024**2
GIB = 1024 * MIB


def _check_fernet_keys(keys: SecretStr) -> SecretStr:
    for key in keys.get_secret_value().split(","):
        Fernet(key.strip())  # raises ValueError
    return keys


def _check_rsa_key(pem: SecretStr) -> SecretStr:
    """Files of variables have one line each, so that newlines may be escaped there."""
    unescaped = pem.get_secret_value().replace("\\n", "\n")
    if not isinstance(load_pem_private_key(unescaped.encode(), password=None), RSAPrivateKey):
        raise ValueError("not an RSA key")  # noqa: TRY004  (what pydantic knows)
    return SecretStr(unescaped)


class SignUpMode(StrEnum):
    """Who may create an account: everybody, the invited, whoever is let in, nobody."""

    OPEN = "open"
    INVITATION = "invitation"
    APPROVAL = "approval"
    CLOSED = "closed"


BaseUrl = Annotated[str, Field(pattern=r"^https?://[^/\s]+$")]
RateSetting = Annotated[Rate, NoDecode, BeforeValidator(parse_rate)]
OriginList = Annotated[tuple[BaseUrl, ...], NoDecode, BeforeValidator(split_commas)]


class Creators(StrEnum):
    """How somebody becomes a creator: an administrator decides about who asks; everybody is one
    who asks; administrators appoint them, and nobody may ask."""

    ASK = "ask"
    EVERYONE = "everyone"
    APPOINTED = "appointed"


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
        min_length=1,
        max_length=128,
        validation_alias="SLUICE_ISSUER",
        description="Issuer (`iss`) of this site's tokens.",
    )
    trusted_proxies: NetworkList = Field(
        default=(),
        validation_alias="SLUICE_TRUSTED_PROXIES",
        description="Networks whose Forwarded headers are believed, separated by commas.",
    )
    log_level: LogLevel = Field(
        default="INFO", validation_alias="SLUICE_LOG_LEVEL", description="Lowest level logged."
    )
    host: str = Field(default="127.0.0.1", description="Address the control plane listens on.")
    port: int = Field(
        default=8000, ge=0, le=65535, description="Port the control plane listens on."
    )
    url: BaseUrl = Field(description="Public base URL of the control plane.")
    edge_url: BaseUrl = Field(description="Public base URL of the edge.")
    front_end_url: BaseUrl | None = Field(
        default=None, description="Base URL of links in mails, where another front end serves them."
    )
    passkey_domain: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9.-]+$",
        description="Domain of all front ends, where passkeys of one shall open the others.",
    )
    secret_key: SecretStr = Field(
        min_length=50, description="Django's secret key, 50 characters or more."
    )
    kek: Annotated[SecretStr, AfterValidator(_check_fernet_keys)] = Field(
        description="Keys that encrypt secrets at rest, as Fernet keys, newest first."
    )
    jwt_private_key: Annotated[SecretStr, AfterValidator(_check_rsa_key)] = Field(
        description="RSA key (PEM) that signs API access tokens."
    )
    start_within_s: int = Field(
        default=3600, ge=0, description="Seconds in which a playback URL has to begin; 0: none."
    )
    key_life_days: int = Field(
        default=30, ge=0, description="Days after which the key that signs is rotated; 0: never."
    )
    allowed_hosts: CommaList = Field(
        default=("localhost", "127.0.0.1"), description="Host names served, separated by commas."
    )
    spool: Path = Field(description="Directory where uploads are kept until they are complete.")
    max_upload_bytes: int = Field(default=64 * GIB, gt=0, description="Largest upload accepted.")
    max_source_bytes: int = Field(
        default=100 * MIB, gt=0, description="Largest source accepted in one request."
    )
    max_jobs: int = Field(
        default=1000, gt=0, description="Unfinished transcode jobs before no more are taken."
    )
    max_jobs_per_creator: int = Field(
        default=100, gt=0, description="Those of one creator before no more are taken."
    )
    address_days: int = Field(
        default=30,
        ge=0,
        description="Days after which addresses in the activity log are cut short.",
    )
    sign_up: SignUpMode = Field(
        default=SignUpMode.OPEN,
        description="Who may create an account: open, invitation, approval or closed.",
    )
    creators: Creators = Field(
        default=Creators.ASK,
        description="Creators: `ask` (who is approved), `everyone` (who asks), `appointed`.",
    )
    creator_wait_days: int = Field(
        default=30, ge=0, description="Days before somebody may ask again who was declined."
    )
    google_client_id: str = Field(
        default="", description="Client ID at Google; with it people may log in by Google."
    )
    google_client_secret: SecretStr = Field(
        default=SecretStr(""), validate_default=True, description="The secret that goes with it."
    )
    facebook_client_id: str = Field(
        default="", description="App ID at Facebook; with it people may log in by Facebook."
    )
    facebook_client_secret: SecretStr = Field(
        default=SecretStr(""), validate_default=True, description="The secret that goes with it."
    )
    oidc: OpenIdProviders = Field(
        default=(),
        description="Other OpenID Connect providers, as a JSON list (docs/operations.md).",
    )
    limit_anonymous: RateSetting = Field(
        default=Rate(100, 3600), description="Calls of the API from one address without a log-in."
    )
    limit_authenticated: RateSetting = Field(
        default=Rate(1000, 3600), description="Calls of the API by one user."
    )
    limit_auth: RateSetting = Field(
        default=Rate(20, 60), description="Log-ins, sign-ups and the like from one address."
    )
    limit_players: RateSetting = Field(
        default=Rate(1200, 3600), description="Playback URLs asked for by one user, or address."
    )
    country_database: Path | None = Field(
        default=None,
        description="File (MMDB) that tells the country of an address; without one, none is known.",
    )
    cors_origins: OriginList = Field(
        default=(), description="Origins of other front ends, separated by commas."
    )
    email_host: str = Field(
        default="", description="SMTP server; without one mail is printed to standard output."
    )
    email_port: int = Field(default=587, ge=1, le=65535, description="Port of the SMTP server.")
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

    @field_validator("google_client_secret", "facebook_client_secret")
    @classmethod
    def _check_pair(cls, secret: SecretStr, info: ValidationInfo) -> SecretStr:
        client_id = info.data[str(info.field_name).replace("secret", "id")]
        if bool(client_id) != bool(secret.get_secret_value()):
            raise ValueError("client ID and secret are set together, or neither")
        return secret
