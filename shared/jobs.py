"""A transcode job between control plane and workers: states, messages, task names, queues.

PostgreSQL owns a job; the broker carries hints, each of which may arrive twice, late or never.
The control plane grants a lease before it sends an order: the attempt number is the fence, and
`lease_ends_at` says until when the order may begin. A worker that finds its lease over, or its
claim (`paths.claim_key`) already made, lets the order go; its reports name the attempt, and
reports of any attempt but the present one are dropped. A report extends the lease.

    queued -> running -> publishing -> ready
    queued, running, publishing -> failed | cancelled
    running, publishing -> queued (lease lost, or a failure worth another attempt)
    failed, cancelled -> queued (retry)

Every message travels as one JSON object, the only argument of its task. Times are unix seconds.
"""

from enum import StrEnum
from typing import Annotated, Any, Final, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)

from shared.faults import describe_faults
from shared.paths import check_id, check_key

TRANSCODE_QUEUE: Final = "transcode"
CONTROL_QUEUE: Final = "control"

TRANSCODE_TASK: Final = "transcoder.transcode"
RECORD_PROGRESS_TASK: Final = "control_plane.record_progress"
RECORD_RESULT_TASK: Final = "control_plane.record_result"
RECORD_FAILURE_TASK: Final = "control_plane.record_failure"

HEARTBEAT_INTERVAL_S: Final = 2
LEASE_S: Final = 20
MAX_ATTEMPTS: Final = 3
MAX_DETAIL_LENGTH: Final = 2_000
MAX_LOG_LENGTH: Final = 16_000
MAX_RUNGS: Final = 32

_INT4: Final = 2**31 - 1  # PostgreSQL's integer and bigint
_INT8: Final = 2**63 - 1


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    PUBLISHING = "publishing"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED: Final = frozenset({JobState.QUEUED, JobState.RUNNING, JobState.PUBLISHING})


class FailureReason(StrEnum):
    """Why a source did not become an asset."""

    UNSUPPORTED = "unsupported"
    TRUNCATED = "truncated"
    CORRUPT = "corrupt"
    NO_MEDIA = "no_media"
    TOO_LARGE = "too_large"
    TOO_LONG = "too_long"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    DISK_FULL = "disk_full"
    INTERNAL = "internal"


# The same source fails the same way again; the others may be the machine's fault.
FINAL_REASONS: Final = frozenset(
    {
        FailureReason.UNSUPPORTED,
        FailureReason.TRUNCATED,
        FailureReason.CORRUPT,
        FailureReason.NO_MEDIA,
        FailureReason.TOO_LARGE,
        FailureReason.TOO_LONG,
    }
)

_EXPLANATIONS: Final = {
    FailureReason.UNSUPPORTED: "This file is not a film or sound in a format that can be read.",
    FailureReason.TRUNCATED: "The file ends before the film does. Please upload it again.",
    FailureReason.CORRUPT: "Too much of the file is damaged to make a film of it.",
    FailureReason.NO_MEDIA: "The file holds neither picture nor sound.",
    FailureReason.TOO_LARGE: "The picture is larger than this site accepts.",
    FailureReason.TOO_LONG: "The film is longer than this site accepts.",
    FailureReason.TIMED_OUT: "Transcoding took longer than it may.",
    FailureReason.OUT_OF_MEMORY: "Transcoding needed more memory than it may use.",
    FailureReason.DISK_FULL: "The server has too little room left. Please tell its operator.",
    FailureReason.INTERNAL: "Something went wrong on our side. You can try again.",
}


def explain_failure(reason: FailureReason) -> str:
    """A sentence for the person who uploaded the file."""
    return _EXPLANATIONS[reason]


class JobMessageInvalid(ValueError):
    """A message on the broker that breaks the format."""


def _keep_beginning(text: Any) -> Any:
    return _clean(text)[:MAX_DETAIL_LENGTH] if isinstance(text, str) else text


def _keep_end(text: Any) -> Any:
    return _clean(text)[-MAX_LOG_LENGTH:] if isinstance(text, str) else text


def _clean(text: str) -> str:
    """Without what no database takes: NUL, and surrogates that stand for undecodable bytes."""
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()


Identifier = Annotated[str, AfterValidator(check_id)]
Count = Annotated[int, Field(ge=0, le=_INT8)]
Chunk = Annotated[int, Field(ge=0, le=_INT4)]
Attempt = Annotated[int, Field(ge=1, le=_INT4)]
Size = Annotated[int, Field(gt=0, le=_INT8)]
Positive = Annotated[int, Field(gt=0, le=_INT4)]
Fraction = Annotated[float, Field(ge=0, le=1)]
RungName = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,32}$")]


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    job_id: Identifier
    chunk: Chunk
    attempt: Attempt

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a message; raise `JobMessageInvalid` when it breaks the format."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise JobMessageInvalid(f"{cls.__name__}: {describe_faults(error)}") from error

    def render(self) -> str:
        return self.model_dump_json()


class TranscodeOrder(_Message):
    """What a worker is to do: turn the source into the asset that this attempt owns alone.

    Chunk 0 is the whole film; it is the only one ordered.
    """

    video_id: Identifier
    asset_id: Identifier
    source_key: Annotated[str, AfterValidator(check_key)]
    lease_ends_at: Count


class ProgressReport(_Message):
    """A heartbeat: how much of the attempt is done, whole and by rung (its height as text)."""

    fraction: Fraction
    rungs: Annotated[dict[RungName, Fraction], Field(max_length=MAX_RUNGS)]
    eta_s: Annotated[float, Field(ge=0)] | None = None


class ResultReport(_Message):
    """The asset is complete in the store: its `asset.json` is written and verified."""

    asset_id: Identifier
    duration_ms: Positive
    size_bytes: Size
    heights: Annotated[tuple[Positive, ...], Field(max_length=MAX_RUNGS)]


class FailureReport(_Message):
    """The attempt is over without an asset. `detail` and `log_tail` are for the operator.

    Both are cut to size, never refused: a worker that fails at length must still be heard.
    """

    reason: FailureReason
    detail: Annotated[str, BeforeValidator(_keep_beginning)]
    log_tail: Annotated[str, BeforeValidator(_keep_end)] = ""
