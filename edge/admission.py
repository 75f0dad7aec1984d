"""Who is let in: the gate is asked, and before it the lease of a session that needs one."""

import time
from dataclasses import dataclass

from edge.addresses import Networks, find_peer
from edge.denials import Denials
from edge.gate import Address, Decision, Refused, Verified, Wanted, decide, needs_standing
from edge.http.requests import Request
from edge.sessions import Sessions
from edge.standing import Session
from shared.paths import Kind


@dataclass(frozen=True, slots=True)
class Admission:
    """Judges requests with what this process knows of sessions and denials."""

    sessions: Sessions
    denials: Denials
    trusted_proxies: Networks

    async def admit(self, wanted: Wanted, verified: Verified, request: Request) -> None:
        """Let a request in; raises `Refused`. A session is only asked about, and takes a place,
        when nothing else speaks against it."""
        session = self.sessions.recall(verified.claims)
        now, plays = time.time(), wanted.kind is Kind.VIDEO
        decision = self._judge(wanted, verified, session, request, now=int(now))
        if needs_standing(decision, wanted, verified.claims, session, now=int(now)):
            await self.sessions.begin(session, asset_id=wanted.asset_id, now=now, plays=plays)
            decision = self._judge(wanted, verified, session, request, now=int(now))
        if decision.code is not None:
            raise Refused(
                decision.code,
                decision.cause,
                rule=decision.rule,
                holders=decision.holders,
                verified=verified,
            )
        if plays:
            session.seen_at = now

    def _judge(
        self, wanted: Wanted, verified: Verified, session: Session, request: Request, *, now: int
    ) -> Decision:
        return decide(
            wanted,
            verified,
            session,
            now=now,
            origin=request.headers.get("Origin"),
            peer=None if verified.claims.ip is None else self._find_peer(request),
            denials=self.denials,
        )

    def _find_peer(self, request: Request) -> Address | None:
        return find_peer(
            request.address,
            self.trusted_proxies,
            forwarded=request.headers.getall("Forwarded", ()),
            x_forwarded=request.headers.getall("X-Forwarded-For", ()),
        )
