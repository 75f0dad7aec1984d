"""The transcoder's configuration, from the environment."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.runtime.config import LogLevel, ServiceConfig
from transcoder.settings import Positive, Settings

_DEFAULTS = Settings()


class Config(ServiceConfig):
    """Everything the worker is told from outside."""

    model_config = SettingsConfigDict(env_prefix="SLUICE_TRANSCODER_")

    redis_url: str = Field(validation_alias="REDIS_URL", description="Redis that carries orders.")
    media_store: Path = Field(
        validation_alias="SLUICE_MEDIA_STORE", description="Folder of the media store."
    )
    log_level: LogLevel = Field(
        default="INFO", validation_alias="SLUICE_LOG_LEVEL", description="How much is logged."
    )
    scratch: Path = Field(
        description="Folder for temporary files; the workers of a machine have it in common."
    )
    memory_bytes: Positive | None = Field(
        default=None,
        description="Memory the workers of a machine use together; unset, most of what it has.",
    )
    preset: Literal["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow"] = (
        Field(default="veryfast", description="x264 preset: slower makes smaller files.")
    )
    chunk_segments: Positive = Field(
        default=_DEFAULTS.chunk_segments,
        description="Segments, of 6 s each, of a part of a long film that a worker encodes alone.",
    )
    decodes_all: bool = Field(
        default=False, description="Decode a finished film whole before it is published."
    )
    max_pixels: Positive = Field(
        default=_DEFAULTS.max_pixels, description="Largest picture of a source, in pixels."
    )
    max_duration_s: Positive = Field(
        default=_DEFAULTS.max_duration_s, description="Longest source, in seconds."
    )
    max_source_bytes: Positive = Field(
        default=_DEFAULTS.max_source_bytes, description="Largest source, in bytes."
    )
    max_memory_bytes: Positive = Field(
        default=_DEFAULTS.max_memory_bytes, description="Address space of one encoding child."
    )
    timeout_s: Positive = Field(
        default=_DEFAULTS.timeout_s, description="Longest time one attempt may take, in seconds."
    )
    stall_s: Positive = Field(
        default=_DEFAULTS.stall_s, description="Longest time without progress, in seconds."
    )

    def settings(self) -> Settings:
        """The part of the configuration that the encoding child is told."""
        return Settings.model_validate(self.model_dump(include=set(Settings.model_fields)))
