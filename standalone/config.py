"""What an operator may set for a system on one machine."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr

from shared.runtime.config import ServiceConfig

Port = Annotated[int, Field(ge=1, le=65535)]


class Config(ServiceConfig):
    """Variables of the services themselves are handed on to them."""

    state: Path = Field(
        default=Path(".state"),
        validation_alias="SLUICE_STATE",
        description="Folder that holds everything: films, database, secrets, logs.",
    )
    control_port: Port = Field(
        default=8000,
        validation_alias="SLUICE_CONTROL_PORT",
        description="Port of the control plane.",
    )
    edge_port: Port = Field(
        default=8080, validation_alias="SLUICE_EDGE_PORT", description="Port of the edge."
    )
    transcoders: int = Field(
        default=1,
        ge=1,
        le=64,
        validation_alias="SLUICE_TRANSCODERS",
        description="Workers that transcode, side by side.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        validation_alias="DATABASE_URL",
        description="A PostgreSQL to use instead of the embedded one.",
    )
    redis_url: SecretStr | None = Field(
        default=None,
        validation_alias="REDIS_URL",
        description="A Redis to use instead of the embedded one.",
    )
    runtime_folder: Path | None = Field(
        default=None,
        validation_alias="XDG_RUNTIME_DIR",
        description="Where sockets go when the state folder's path is too long for them.",
    )

    @property
    def control_url(self) -> str:
        return f"http://127.0.0.1:{self.control_port}"

    @property
    def edge_url(self) -> str:
        return f"http://127.0.0.1:{self.edge_port}"
