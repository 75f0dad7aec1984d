"""Where a playback session stands with its lease, as far as this worker knows. Pure."""

import json
from dataclasses import dataclass, field
from enum import Enum, auto


class Standing(Enum):
    """What is known of a session's beginning and of its lease.

    LATE is a session that Redis did not speak of in time: it is served, counted and asked about
    again with the next refresh.
    """

    UNKNOWN = auto()
    RUNNING = auto()
    LATE = auto()
    WINDOW_CLOSED = auto()
    LIMIT = auto()
    DISPLACED = auto()


@dataclass(frozen=True, slots=True)
class Holder:
    """A session that holds one of the viewer's slots. Times are unix seconds."""

    session_id: str
    video_id: str | None
    began_at: int
    seen_at: int


@dataclass(slots=True)
class Session:
    """A playback session in this process, named by issuer and `sid`; one for all its tokens.

    `seen_at` is set by every request of kind video and read when leases are refreshed; all else
    is set by `edge.state.sessions` alone. Times are unix seconds, 0 for never. `holders` tells who
    has the slots where `standing` is LIMIT; `log_id` is the `sid` as JSON.
    """

    issuer: str
    session_id: str
    subject: str
    expires_at: int
    max_streams: int | None
    start_by: int | None
    video_id: str | None = None
    asset_id: str | None = None
    began_at: float = 0.0
    seen_at: float = 0.0
    standing: Standing = Standing.UNKNOWN
    holders: tuple[Holder, ...] = ()
    log_id: str = field(init=False)

    def __post_init__(self) -> None:
        self.log_id = json.dumps(self.session_id)
