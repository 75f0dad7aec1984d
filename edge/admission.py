"""Who is let in: the gate is asked, and before it the lease of a session that needs one."""

import time
from dataclasses import dataclass

from multidict import CIMultiDictProxy

from edge.gate.addresses import Networks, find_peer
from edge.gate.decisions import Address, Decision, Refused, Verified, Wanted, decide, needs_standing
from edge.gate.denials import Denials
from edge.gate.standing import Session
from edge.http.requests import Request
from edge.state.sessions import Sessions
from shared.events.refusals import RefusalCode
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
        _insist(decision, verified)
        if plays:
            session.seen_at = now

    async def take_over(self, wanted: Wanted, verified: Verified, request: Request) -> None:
        """Let a session play in the place of the viewer's that began first; raises `Refused`.
        Nobody loses a place to a request that would be refused for anything else."""
        session = self.sessions.recall(verified.claims)
        now = int(time.time())
        decision = self._judge(wanted, verified, session, request, now=now)
        if decision.code is RefusalCode.STREAM_LIMIT or needs_standing(
            decision, wanted, verified.claims, session, now=now
        ):
            await self.sessions.take_over(session)
            decision = self._judge(wanted, verified, session, request, now=now)
        _insist(decision, verified)

    def _judge(
        self, wanted: Wanted, verified: Verified, session: Session, request: Request, *, now: int
    ) -> Decision:
        peer = None
        if verified.claims.ip is not None:
            peer = self.find_peer(request.address, request.headers)
        return decide(
            wanted,
            verified,
            session,
            now=now,
            origin=request.headers.get("Origin"),
            peer=peer,
            denials=self.denials,
        )

    def find_peer(self, address: str, headers: CIMultiDictProxy[str]) -> Address | None:
        """Who asks, behind trusted proxies; `address` is the socket's."""
        return find_peer(
            address,
            self.trusted_proxies,
            forwarded=headers.getall("Forwarded", ()),
            x_forwarded=headers.getall("X-Forwarded-For", ()),
        )


def _insist(decision: Decision, verified: Verified) -> None:
    if decision.code is not None:
        raise Refused(
            decision.code,
            decision.cause,
            rule=decision.rule,
            holders=decision.holders,
            verified=verified,
        )
