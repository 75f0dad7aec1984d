"""How a film is transcoded and what a source may ask for: what the encoding child is told."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Positive = Annotated[int, Field(gt=0)]


class Settings(BaseModel):
    """The settings of one attempt; sizes in bytes, times in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    preset: str = "veryfast"
    max_pixels: Positive = 8192 * 4352
    max_duration_s: Positive = 12 * 3600
    max_source_bytes: Positive = 200 * 10**9
    max_memory_bytes: Positive = 6 * 10**9
    max_file_bytes: Positive = 512 * 10**6
    timeout_s: Positive = 24 * 3600
    stall_s: Positive = 180
