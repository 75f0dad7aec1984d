"""A revocation: what opens nothing any more, although its token is genuine and unexpired.

The control plane writes a row and, in the same transaction, an entry of its outbox; a relay adds
the entry to `REVOCATION_STREAM` until that succeeded. An edge notes where the stream ends, reads
every unexpired row through the view `REVOCATION_VIEW`, then reads the stream from there; the view
is read again from time to time. The view's columns are the fields of `Revocation`, `lifted` apart.

    scope     subject           issuer              also
    session   sid               who signed          -
    viewer    sub               who signed          issued_before: tokens with an `iat` below it
    video     a video's id      -                   issued_before, where later tokens are good
    asset     an asset's id     -                   -
    key       a kid             -                   -

A row may go once no token that it could end can be alive: `MAX_TOKEN_LIFE` after `revoked_at`.
A lifted one is sent once more with `lifted`, so that edges need not wait for the next reading.

>>> Revocation(
...     id="0198c0de-0000-7000-8000-000000000001", scope=RevocationScope.VIDEO,
...     subject="0198c0de-0000-7000-8000-00000000f001",
...     revoked_at=1767225600.25, expires_at=1767312001,
... ).render()
'{"id":"0198c0de-0000-7000-8000-000000000001","scope":"video","subject":"0198c0de-0000-7000-8000-00000000f001","revoked_at":1767225600.25,"expires_at":1767312001,"lifted":false}'
"""

from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, model_validator

from shared.events.record import Record
from shared.paths import check_id
from shared.tokens import Name, Timestamp

REVOCATION_STREAM: Final = "sluice:revocations"
REVOCATION_STREAM_LENGTH: Final = 100_000
REVOCATION_VIEW: Final = "edge_revocations"
EDGE_ROLE: Final = "sluice_edge"
"""The PostgreSQL role that may read the view, and nothing else."""


class RevocationScope(StrEnum):
    """What a revocation ends."""

    SESSION = "session"
    VIEWER = "viewer"
    VIDEO = "video"
    ASSET = "asset"
    KEY = "key"


_OF_AN_ISSUER: Final = frozenset({RevocationScope.SESSION, RevocationScope.VIEWER})
_BY_AGE: Final = frozenset({RevocationScope.VIEWER, RevocationScope.VIDEO})


class Revocation(Record):
    """One revocation. `revoked_at` tells how long it was under way."""

    id: Annotated[str, AfterValidator(check_id)]
    scope: RevocationScope
    subject: Name
    issuer: Name | None = None
    issued_before: Timestamp | None = None
    revoked_at: Annotated[float, Field(ge=0)]
    expires_at: Timestamp
    lifted: bool = False

    @model_validator(mode="after")
    def _check_scope(self) -> Self:
        if (self.issuer is not None) != (self.scope in _OF_AN_ISSUER):
            raise ValueError("sessions and viewers have an issuer, others have none")
        if self.issued_before is None and self.scope is RevocationScope.VIEWER:
            raise ValueError("viewers have issued_before")
        if self.issued_before is not None and self.scope not in _BY_AGE:
            raise ValueError("only viewers and videos have issued_before")
        return self
