"""A transcode job between control plane and workers: states, messages, task names, queues.

PostgreSQL owns a job; the broker carries hints, each of which may arrive twice, late or never.
A job's work is cut in chunks, numbered within the job, each of them ordered and reported by itself:

    0           plan      the source is measured and everything decided; answered by a `PlanReport`
    1 ... n     encode    some rungs of a stretch of the film, or its sound; `EncodedReport`
    n + 1       package   what was encoded becomes an asset; `ResultReport`

The control plane grants a lease before it sends an order: the attempt at the chunk is the fence,
and `lease_ends_at` says until when the order may begin. A worker that finds its lease over, or its
claim (`paths.claim_key`) already made, lets the order go; its reports name the attempt, and
reports of any attempt but the present one are dropped. A report extends the lease. A chunk that was
finished by an earlier attempt is reported at once, and not made again.

    queued -> running -> publishing -> ready
    queued, running, publishing -> failed | cancelled
    running, publishing -> queued (lease lost, or a failure worth another attempt)
    failed, cancelled -> queued (retry)

Every message travels as one JSON object, the only argument of its task. Times are unix seconds.
"""

from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from shared.faults import describe_faults
from shared.paths import check_id, check_key

TRANSCODE_QUEUE: Final = "transcode"
CONTROL_QUEUE: Final = "control"

TRANSCODE_TASK: Final = "transcoder.transcode"
RECORD_PROGRESS_TASK: Final = "control_plane.record_progress"
RECORD_PLAN_TASK: Final = "control_plane.record_plan"
RECORD_ENCODED_TASK: Final = "control_plane.record_encoded"
RECORD_RESULT_TASK: Final = "control_plane.record_result"
RECORD_FAILURE_TASK: Final = "control_plane.record_failure"

HEARTBEAT_INTERVAL_S: Final = 2
LEASE_S: Final = 20
MAX_ATTEMPTS: Final = 3
MAX_DETAIL_LENGTH: Final = 2_000
MAX_LOG_LENGTH: Final = 16_000
MAX_RUNGS: Final = 32
MAX_CHUNKS: Final = 4_096
MAX_TRACKS: Final = 256
MAX_WARNINGS: Final = 256
MAX_TEXT_LENGTH: Final = 500
MAX_WORKER_LENGTH: Final = 200
POSTERS: Final = 5

# What planning and packaging may need; that of encoding depends on the film, and is planned.
PLAN_MEMORY_BYTES: Final = 500_000_000
PACKAGE_MEMORY_BYTES: Final = 500_000_000

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


class ChunkKind(StrEnum):
    """What is done for a chunk of a job."""

    PLAN = "plan"
    ENCODE = "encode"
    PACKAGE = "package"


class FailureReason(StrEnum):
    """Why a source did not become an asset."""

    UNSUPPORTED = "unsupported"
    TRUNCATED = "truncated"
    CORRUPT = "corrupt"
    JOINED = "joined"
    PROTECTED = "protected"
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
        FailureReason.JOINED,
        FailureReason.PROTECTED,
        FailureReason.NO_MEDIA,
        FailureReason.TOO_LARGE,
        FailureReason.TOO_LONG,
    }
)

_EXPLANATIONS: Final = {
    FailureReason.UNSUPPORTED: "This file is not a film or sound in a format that can be read.",
    FailureReason.TRUNCATED: "The file ends before the film does. Please upload it again.",
    FailureReason.CORRUPT: "Too much of the file is damaged to make a film of it.",
    FailureReason.JOINED: "Picture or sound begins anew in the midst of this file, and what "
    "follows cannot be read. Please upload the parts one by one, or joined by an editing program.",
    FailureReason.PROTECTED: "The file is protected against copying (DRM): only the player that it "
    "was made for can open it.",
    FailureReason.NO_MEDIA: "The file holds neither picture nor sound.",
    FailureReason.TOO_LARGE: "The file, or its picture, is larger than this site accepts.",
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


def _keep_text(text: Any) -> Any:
    return _clean(text)[:MAX_TEXT_LENGTH] if isinstance(text, str) else text


Identifier = Annotated[str, AfterValidator(check_id)]
Count = Annotated[int, Field(ge=0, le=_INT8)]
Chunk = Annotated[int, Field(ge=0, le=_INT4)]
Attempt = Annotated[int, Field(ge=1, le=_INT4)]
Size = Annotated[int, Field(gt=0, le=_INT8)]
Positive = Annotated[int, Field(gt=0, le=_INT4)]
Fraction = Annotated[float, Field(ge=0, le=1)]
NonNegative = Annotated[float, Field(ge=0)]
RungName = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,32}$")]
Key = Annotated[str, AfterValidator(check_key)]
Text = Annotated[str, BeforeValidator(_keep_text)]
FrameRate = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,8}/[1-9][0-9]{0,8}$")]
Language = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,35}$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


class _Message(_Part):
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


class _Order(_Message):
    """What all orders name; `memory_bytes` is what a worker has to have free to begin."""

    video_id: Identifier
    source_key: Key
    lease_ends_at: Count


class PlanOrder(_Order):
    """Measure the source and decide everything. The plan is kept, unless it is a dry run."""

    kind: Literal[ChunkKind.PLAN] = ChunkKind.PLAN
    is_dry_run: bool = False
    memory_bytes: Size = PLAN_MEMORY_BYTES

    @model_validator(mode="after")
    def _check_chunk(self) -> Self:
        if self.chunk != 0:
            raise ValueError("a plan is chunk 0")
        return self


class EncodeOrder(_Order):
    """Encode what the plan says of the chunk."""

    kind: Literal[ChunkKind.ENCODE] = ChunkKind.ENCODE
    memory_bytes: Size

    @model_validator(mode="after")
    def _check_chunk(self) -> Self:
        if self.chunk < 1:
            raise ValueError("chunk 0 is the plan")
        return self


class SidecarText(_Part):
    """Captions that came as a file of their own: where they lie, and what they are."""

    key: Key
    language: Language
    name: Text
    is_forced: bool = False
    is_sdh: bool = False


class PackageOrder(_Order):
    """Make the asset that this attempt owns alone, of the job's `chunks` encode chunks or, with
    `base_asset_id`, of the picture and sound of an earlier asset.

    `poster` is the number of the candidate that somebody chose, if anybody did.
    """

    kind: Literal[ChunkKind.PACKAGE] = ChunkKind.PACKAGE
    asset_id: Identifier
    chunks: Annotated[int, Field(ge=0, le=MAX_CHUNKS)]
    base_asset_id: Identifier | None = None
    texts: Annotated[tuple[SidecarText, ...], Field(max_length=MAX_TRACKS)] = ()
    poster: Annotated[int, Field(ge=0, lt=POSTERS)] | None = None
    memory_bytes: Size = PACKAGE_MEMORY_BYTES

    @model_validator(mode="after")
    def _check_chunks(self) -> Self:
        if (self.chunks == 0) != (self.base_asset_id is not None):
            raise ValueError("an asset is made of chunks or of another asset")
        if self.chunk != self.chunks + 1:
            raise ValueError("a package is the chunk after the last")
        return self


Order = PlanOrder | EncodeOrder | PackageOrder

_ORDER: Final[TypeAdapter[Order]] = TypeAdapter(Annotated[Order, Field(discriminator="kind")])


def parse_order(text: str) -> Order:
    """Read an order of any kind; raise `JobMessageInvalid` when it breaks the format."""
    try:
        return _ORDER.validate_json(text)
    except ValidationError as error:
        raise JobMessageInvalid(f"order: {describe_faults(error)}") from error


class ProgressReport(_Message):
    """A heartbeat: how much of the chunk is done, whole and by rung (its height as text), and by
    which worker, `host:pid`."""

    fraction: Fraction
    rungs: Annotated[dict[RungName, Fraction], Field(max_length=MAX_RUNGS)]
    eta_s: NonNegative | None = None
    worker: Annotated[str, Field(max_length=MAX_WORKER_LENGTH)] = ""


class PlannedRung(_Part):
    """A rung that will be made, named by its short side, and why."""

    height: Positive
    width_px: Positive
    height_px: Positive
    frame_rate: FrameRate
    max_bit_rate_bps: Positive
    reason: Text


class RungLeftOut(_Part):
    """A rung that will not be made, and why."""

    height: Positive
    reason: Text


class PlannedAudio(_Part):
    """A rendition of sound that will be made."""

    name: Text
    language: Language | None
    channels: Positive


class PlannedText(_Part):
    """A text track of the source that will be a rendition."""

    name: Text
    language: Language | None
    is_forced: bool


class PlanSummary(_Part):
    """What will be made of a film, and why."""

    rungs: Annotated[tuple[PlannedRung, ...], Field(max_length=MAX_RUNGS)]
    left_out: Annotated[tuple[RungLeftOut, ...], Field(max_length=MAX_RUNGS)] = ()
    audio: Annotated[tuple[PlannedAudio, ...], Field(max_length=MAX_TRACKS)] = ()
    texts: Annotated[tuple[PlannedText, ...], Field(max_length=MAX_TRACKS)] = ()
    warnings: Annotated[tuple[Text, ...], Field(max_length=MAX_WARNINGS)] = ()


class PlannedChunk(_Part):
    """A chunk to be ordered: the rungs by their heights, what it costs beside the job's others,
    and what it needs. Those that are `is_low` come first."""

    number: Annotated[int, Field(ge=1, le=MAX_CHUNKS)]
    heights: Annotated[tuple[Positive, ...], Field(max_length=MAX_RUNGS)]
    has_sound: bool
    cost: NonNegative
    memory_bytes: Size
    is_low: bool


class PlanReport(_Message):
    """The source is measured and the plan made. The estimates are of the job as a whole:
    the asset's bytes, CPU seconds, and the bytes that have to be free in the store."""

    duration_ms: Positive
    summary: PlanSummary
    bytes_estimate: Size
    cpu_s_estimate: NonNegative
    disk_bytes_needed: Size
    chunks: Annotated[tuple[PlannedChunk, ...], Field(min_length=1, max_length=MAX_CHUNKS)]

    @model_validator(mode="after")
    def _check_numbers(self) -> Self:
        if [chunk.number for chunk in self.chunks] != list(range(1, len(self.chunks) + 1)):
            raise ValueError("chunks are numbered from 1")
        return self


class EncodedReport(_Message):
    """The chunk is encoded, checked and in the store."""

    size_bytes: Size
    cpu_s: NonNegative


class PackageWarning(_Part):
    """A rule that an asset does not keep, where content or choice explains it."""

    rule: Text
    name: Text
    text: Text


class ResultReport(_Message):
    """The asset is complete in the store: its `asset.json` is written and verified."""

    asset_id: Identifier
    duration_ms: Positive
    size_bytes: Size
    heights: Annotated[tuple[Positive, ...], Field(max_length=MAX_RUNGS)]
    warnings: Annotated[tuple[PackageWarning, ...], Field(max_length=MAX_WARNINGS)] = ()


class FailureReport(_Message):
    """The attempt is over without an asset. `detail` and `log_tail` are for the operator.

    Both are cut to size, never refused: a worker that fails at length must still be heard.
    """

    reason: FailureReason
    detail: Annotated[str, BeforeValidator(_keep_beginning)]
    log_tail: Annotated[str, BeforeValidator(_keep_end)] = ""
