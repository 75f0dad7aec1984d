"""What one process tells the others of sessions. Pure."""

from edge.gate.standing import Session
from edge.state.lease_store import Verdict
from shared.events.leases import EndReason, SessionEnded


def describe_refused(session: Session, verdict: Verdict) -> SessionEnded:
    """That a session whose lease had lapsed found all places taken."""
    return SessionEnded(
        issuer=session.issuer,
        session_id=session.session_id,
        reason=EndReason.REFUSED,
        at=verdict.at,
        expires_at=session.expires_at,
    )


def describe_take_over(session: Session, verdict: Verdict) -> list[SessionEnded]:
    """Who had to go for a session; and that itself has a place, whatever was said before."""
    displaced = [
        _describe_displaced(session.issuer, session_id, at=verdict.at, expires_at=expires_at)
        for session_id, expires_at in verdict.displaced
    ]
    itself = _describe_displaced(
        session.issuer,
        session.session_id,
        at=verdict.at,
        expires_at=session.expires_at,
        lifted=True,
    )
    return [*displaced, itself]


def _describe_displaced(
    issuer: str, session_id: str, *, at: float, expires_at: int, lifted: bool = False
) -> SessionEnded:
    return SessionEnded(
        issuer=issuer,
        session_id=session_id,
        reason=EndReason.DISPLACED,
        at=at,
        expires_at=expires_at,
        lifted=lifted,
    )
