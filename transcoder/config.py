"""The transcoder's configuration, from the environment."""

import re
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode, SettingsConfigDict

from shared.runtime.config import LogLevel, ServiceConfig, split_commas
from transcoder.settings import KILOBIT, Crf, Ladder, Positive, Settings, Step

_DEFAULTS = Settings()
_WRITTEN: Final = re.compile(r"([0-9]{1,5}):([0-9]{1,6})")


def parse_ladder(text: Any) -> Any:
    """For a `BeforeValidator`, beside `NoDecode`: `360:900, 720:3500` as steps."""
    return tuple(map(_parse_step, split_commas(text))) if isinstance(text, str) else text


def _parse_step(text: str) -> Step:
    written = _WRITTEN.fullmatch(text)
    if written is None:
        raise ValueError("a step is its height and at most so many kb/s, such as 720:3500")
    return Step(height=int(written[1]), max_bit_rate_bps=int(written[2]) * KILOBIT)


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
    crf: Crf = Field(
        default=_DEFAULTS.crf,
        description="x264 quality of every rung, from 0 to 51: less makes larger files.",
    )
    ladder: Annotated[Ladder, NoDecode, BeforeValidator(parse_ladder)] = Field(
        default=_DEFAULTS.ladder,
        description="Rungs from the lowest: short side in pixels, and kb/s at up to 30 fps.",
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
