"""What the publish gate found of a package: the document `report.json` beside an `asset.json`.

The gate itself is `transcoder.inspect`. A failure keeps a package from being published; a warning
is told to whoever publishes it. `rule` is a number of Apple's HLS Authoring Specification
(`1.30`), a section of RFC 8216 (`RFC 8216 4.3.3.1`) or a word for what only we ask (`storyboard`).
The document says nothing of when and where it was made, and is never sent to a client.

    {"format": 1, "failures": [],
     "warnings": [{"rule": "1.30", "name": "video/720/media.m3u8", "text": "..."}],
     "figures": [{"name": "video/720/media.m3u8", "kind": "video", "codecs": "avc1.64001f", ...}]}
"""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.faults import describe_faults

MAX_TEXT_LENGTH: Final = 500

Count = Annotated[int, Field(ge=0)]


class ReportInvalid(ValueError):
    """A document that is no `report.json`."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Finding(_Part):
    """A rule that a part of a package does not keep: the part's name, and what is the matter."""

    rule: Annotated[str, Field(min_length=1, max_length=40)]
    name: Annotated[str, Field(max_length=MAX_TEXT_LENGTH)]
    text: Annotated[str, Field(max_length=MAX_TEXT_LENGTH)]

    def __str__(self) -> str:
        return f"{self.name}: {self.text} [{self.rule}]"


class StreamFigures(_Part):
    """What was measured of one media playlist.

    `frames` are pictures where there are any, else frames of sound; `overhead_bytes` is what the
    container adds to them. The starts are when the first picture shows and the first sound is
    heard, in microseconds of the stream's own clock.
    """

    name: str
    kind: Literal["video", "audio", "text"]
    codecs: str
    duration_ms: Count
    segments: Count
    frames: Count
    key_frames: Count
    size_bytes: Count
    overhead_bytes: Count
    peak_bps: Count
    average_bps: Count
    width_px: Count | None = None
    height_px: Count | None = None
    frame_rate: str | None = None
    picture_starts_us: int | None = None
    sound_starts_us: int | None = None


class Report(_Part):
    """A whole `report.json`."""

    format: Literal[1] = 1
    failures: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    figures: tuple[StreamFigures, ...]


def parse_report(document: bytes) -> Report:
    """Parse `report.json`; raise `ReportInvalid` when it breaks the format."""
    try:
        return Report.model_validate_json(document)
    except ValidationError as error:
        raise ReportInvalid(describe_faults(error)) from error


def render_report(report: Report) -> bytes:
    """The document's bytes: compact JSON in declaration order, absent values left out."""
    return report.model_dump_json(exclude_none=True).encode()
