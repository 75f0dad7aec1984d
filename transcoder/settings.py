"""How a film is transcoded and what a source may ask for: what the encoding child is told."""

from itertools import pairwise
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from shared.jobs import MAX_RUNGS

KILOBIT: Final = 1000

Positive = Annotated[int, Field(gt=0)]
# As x264 has it: 0 loses nothing, 51 is the worst.
Crf = Annotated[int, Field(ge=0, le=51)]


class Step(BaseModel):
    """A rung of the ladder: its short side in pixels, and what a picture at up to 30 frames a
    second may cost. Capped CRF: easy films stay far below the cap."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    height: Positive
    max_bit_rate_bps: Positive

    def __str__(self) -> str:
        """As an operator writes it, in kb/s: `720:3500`."""
        return f"{self.height}:{self.max_bit_rate_bps // KILOBIT}"


def _check_ladder(ladder: tuple[Step, ...]) -> tuple[Step, ...]:
    """Every step is larger than the one before, and may have more bits."""
    if any(step.height % 2 for step in ladder):
        raise ValueError("the height of a step has to be even")
    for lower, higher in pairwise(ladder):
        if lower.height >= higher.height or lower.max_bit_rate_bps >= higher.max_bit_rate_bps:
            raise ValueError(f"heights and bit rates have to rise, unlike {lower},{higher}")
    return ladder


Ladder = Annotated[
    tuple[Step, ...], Field(min_length=1, max_length=MAX_RUNGS), AfterValidator(_check_ladder)
]

# VBV keeps peaks below twice the average (Apple 1.30).
_LADDER: Final = (
    Step(height=360, max_bit_rate_bps=900_000),
    Step(height=480, max_bit_rate_bps=1_600_000),
    Step(height=720, max_bit_rate_bps=3_500_000),
    Step(height=1080, max_bit_rate_bps=6_500_000),
)


class Settings(BaseModel):
    """The settings of one attempt; sizes in bytes, times in seconds. `ladder` begins with the
    lowest step; no rung may have more than `source_rate_factor` times the bits of the source.
    Workers share long films in chunks of about `chunk_segments` segments, of six seconds each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    preset: str = "veryfast"
    crf: Crf = 23
    ladder: Ladder = _LADDER
    source_rate_factor: Annotated[float, Field(gt=0)] = 1.3
    chunk_segments: Positive = 10
    decodes_all: bool = False
    max_pixels: Positive = 8192 * 4352
    max_streams: Positive = 100
    max_duration_s: Positive = 12 * 3600
    max_source_bytes: Positive = 200 * 10**9
    max_memory_bytes: Positive = 6 * 10**9
    max_file_bytes: Positive = 512 * 10**6
    timeout_s: Positive = 24 * 3600
    stall_s: Positive = 180


class Limits(BaseModel):
    """What one child may use: `wall_s` is time by the clock, `stall_s` time without a word."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cpu_s: Positive
    wall_s: Positive
    stall_s: Positive
    address_bytes: Positive
    file_bytes: Positive
