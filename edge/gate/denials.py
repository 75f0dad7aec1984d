"""What is revoked, as the gate looks it up on every request. Pure; filled by the feed of
`edge.state.revocations`.

Several revocations may end the same thing, and each may be lifted alone, so every target holds
the reasons why it is denied. A revocation is known by its id: told twice it counts once, and what
was said of it last is true.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple, TypeAlias

from shared.events.revocations import Revocation, RevocationScope

SessionKey: TypeAlias = tuple[str, str]
"""An issuer and a `sid`."""

ViewerKey: TypeAlias = tuple[str, str]
"""An issuer and a `sub`."""


class _Reason(NamedTuple):
    """Tokens issued before `issued_before` are denied; all of them where it is None."""

    id: str
    expires_at: int
    issued_before: int | None


_Reasons: TypeAlias = tuple[_Reason, ...]
_Target: TypeAlias = tuple[str, str] | str
_Scopes: TypeAlias = dict[RevocationScope, dict[_Target, _Reasons]]

_CAUSES: Final = {
    RevocationScope.SESSION: "Its session was ended.",
    RevocationScope.VIEWER: "All that its viewer was given before a certain time was ended.",
    RevocationScope.VIDEO: "Its film was withdrawn.",
    RevocationScope.ASSET: "This version of the film was withdrawn.",
    RevocationScope.KEY: "The key that signed it was withdrawn.",
}


class Snapshot:
    """Everything that is revoked, as it is being read: to be added to until it is complete.

    What `Denials.apply` is told after the snapshot was begun is newer than any row of it.
    """

    def __init__(self) -> None:
        self.scopes: _Scopes = {scope: {} for scope in RevocationScope}
        self.news: list[Revocation] = []

    def add(self, revocations: Iterable[Revocation]) -> None:
        for revocation in revocations:
            _tell(self.scopes, revocation)


class Denials:
    """The deny-sets of one process. `version` grows with every change, and with every snapshot."""

    def __init__(self) -> None:
        self.version = 0
        self._snapshot: Snapshot | None = None
        self._adopt(Snapshot().scopes)

    def find(
        self,
        *,
        session_key: SessionKey,
        viewer_key: ViewerKey,
        issued_at: int,
        video_id: str | None,
        asset_id: str | None,
        kid: str,
    ) -> str | None:
        """Why a token opens nothing here, as a sentence; None when nothing is revoked."""
        if self.is_empty:
            return None
        if session_key in self._sessions:
            return _CAUSES[RevocationScope.SESSION]
        if viewer_key in self._viewers and _covers(self._viewers[viewer_key], issued_at):
            return _CAUSES[RevocationScope.VIEWER]
        if video_id in self._videos and _covers(self._videos[video_id], issued_at):
            return _CAUSES[RevocationScope.VIDEO]
        if asset_id in self._assets:
            return _CAUSES[RevocationScope.ASSET]
        return _CAUSES[RevocationScope.KEY] if kid in self._keys else None

    def holds(self, revocation: Revocation) -> bool:
        """Whether this very revocation is in force, as it says."""
        reasons = self._scopes[revocation.scope].get(_target_of(revocation), ())
        return _reason_of(revocation) in reasons

    def apply(self, revocation: Revocation) -> None:
        """Take note of one revocation, or that it was lifted."""
        if self._snapshot is not None:
            self._snapshot.news.append(revocation)
        if _tell(self._scopes, revocation):
            self._adopt(self._scopes)

    def begin_snapshot(self) -> Snapshot:
        """A snapshot to fill and then to `replace` everything with. An earlier one is void."""
        self._snapshot = Snapshot()
        return self._snapshot

    def replace(self, snapshot: Snapshot) -> None:
        """Hold what the snapshot says, and what was told since it was begun, and nothing else."""
        if snapshot is not self._snapshot:
            raise ValueError("not the snapshot that was begun last")
        self._snapshot = None
        snapshot.add(snapshot.news)
        self._adopt(snapshot.scopes)

    def purge(self, now: int) -> None:
        """Forget what no living token can be hit by any more."""
        expired = [
            (denied, target)
            for denied in self._scopes.values()
            for target, reasons in denied.items()
            if any(reason.expires_at <= now for reason in reasons)
        ]
        for denied, target in expired:
            _keep(denied, target, [one for one in denied[target] if one.expires_at > now])
        if expired:
            self._adopt(self._scopes)

    def count(self) -> dict[RevocationScope, int]:
        """How many things are denied, by scope."""
        return {scope: len(denied) for scope, denied in self._scopes.items()}

    def _adopt(self, scopes: _Scopes) -> None:
        self._scopes = scopes
        self._sessions = scopes[RevocationScope.SESSION]
        self._viewers = scopes[RevocationScope.VIEWER]
        self._videos = scopes[RevocationScope.VIDEO]
        self._assets = scopes[RevocationScope.ASSET]
        self._keys = scopes[RevocationScope.KEY]
        self.is_empty = not any(scopes.values())
        self.version += 1


def _covers(reasons: _Reasons, issued_at: int) -> bool:
    return any(one.issued_before is None or issued_at < one.issued_before for one in reasons)


def _tell(scopes: _Scopes, revocation: Revocation) -> bool:
    """Whether that changed anything."""
    denied, target = scopes[revocation.scope], _target_of(revocation)
    before = denied.get(target, ())
    after = [reason for reason in before if reason.id != revocation.id]
    if not revocation.lifted:
        after.append(_reason_of(revocation))
    _keep(denied, target, sorted(after))
    return denied.get(target, ()) != before


def _reason_of(revocation: Revocation) -> _Reason:
    return _Reason(revocation.id, revocation.expires_at, revocation.issued_before)


def _target_of(revocation: Revocation) -> _Target:
    if revocation.issuer is None:
        return revocation.subject
    return revocation.issuer, revocation.subject


def _keep(denied: dict[_Target, _Reasons], target: _Target, reasons: Iterable[_Reason]) -> None:
    """Reasons by id, so that equal ones are equal in whichever order they came."""
    kept = tuple(reasons)
    if kept:
        denied[target] = kept
    else:
        denied.pop(target, None)
