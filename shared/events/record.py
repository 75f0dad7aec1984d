"""The form of everything that travels on a Redis stream: one field holding one JSON object."""

from typing import Final, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.faults import describe_faults

FIELD: Final = "record"
"""The name of the one field of a stream's entry."""


class RecordInvalid(ValueError):
    """A record on a stream, or a row of a view, that breaks the format."""


class Record(BaseModel):
    """A frozen, strict record. Times are unix seconds."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        """Read a record; raise `RecordInvalid` when it breaks the format."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise RecordInvalid(f"{cls.__name__}: {describe_faults(error)}") from error

    def render(self) -> str:
        return self.model_dump_json(exclude_none=True)
