"""What the worker and its child tell each other: one JSON task on the child's standard input, one
JSON message a line on its standard output."""

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from shared.jobs import (
    EncodedReport,
    FailureReason,
    Fraction,
    Order,
    PlanReport,
    ResultReport,
    RungName,
)
from transcoder.settings import Limits, Settings

AnyReport = PlanReport | EncodedReport | ResultReport


class ChildMessageInvalid(ValueError):
    """A line from the child that is none of its messages."""


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ChildTask(_Message):
    """What the child is to do, what it may use, and whose child it is."""

    order: Order
    media_store: Path
    settings: Settings
    limits: Limits
    parent_pid: int


class Progressed(_Message):
    """So much is done, of the whole and of each rung by its height."""

    kind: Literal["progressed"] = "progressed"
    fraction: Fraction = 0.0
    rungs: dict[RungName, Fraction] = Field(default_factory=dict)


class Finished(_Message):
    """The order is carried out; what was made is complete, checked and in the store."""

    kind: Literal["finished"] = "finished"
    report: AnyReport


class Failed(_Message):
    """The order could not be carried out. `detail` is for the operator."""

    kind: Literal["failed"] = "failed"
    reason: FailureReason
    detail: str


ChildMessage = Annotated[Progressed | Finished | Failed, Field(discriminator="kind")]

_ADAPTER: Final[TypeAdapter[Progressed | Finished | Failed]] = TypeAdapter(ChildMessage)


def parse_message(line: bytes) -> Progressed | Finished | Failed:
    """Read a line from the child; raises `ChildMessageInvalid`."""
    try:
        return _ADAPTER.validate_json(line)
    except ValidationError as error:
        raise ChildMessageInvalid(str(error)) from error


def render_message(message: Progressed | Finished | Failed) -> bytes:
    return message.model_dump_json().encode() + b"\n"
