"""Refusals on their way to the control plane: collected here, sent in batches, never waited for.

Under a flood of one kind from one address the first of each second are told as they are, and one
more stands for the rest by its `weight`. What Redis does not take is dropped and counted.
"""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NoReturn

from redis.asyncio import Redis

from edge.access_log import Visit
from edge.gate.decisions import Refused, trace_rules
from edge.state.redis_client import AWAY
from shared.events.record import FIELD
from shared.events.refusals import (
    REFUSAL_STREAM,
    REFUSAL_STREAM_LENGTH,
    Refusal,
    RefusalCode,
    RuleResult,
)

TICK_S: Final = 1.0
TOLD_SINGLY: Final = 5
MAX_BURSTS: Final = 1000
MAX_TEXT: Final = 512

_BATCH: Final = 100
_TOLD: Final = {"issuer", "subject", "session_id", "video_id"}

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Burst:
    """Refusals of one code and address since the last batch. Those behind the first few are
    counted; `sample` is one of them."""

    count: int = 0
    sample: Refusal | None = None


class RefusalFeed:
    """Collects refusals and sends them every second. `sent` and `lost` count refusals, not
    records."""

    def __init__(self, client: Redis) -> None:
        self.sent = 0
        self.lost = 0
        self._client = client
        self._waiting: list[Refusal] = []
        self._bursts: dict[tuple[RefusalCode, str | None], _Burst] = {}

    def record(
        self,
        refused: Refused,
        visit: Visit,
        *,
        decision_id: str,
        origin: str | None,
        peer: str | None,
    ) -> None:
        """Take note of a refusal; `decision_id` is the one that its answer bears, `peer` the
        address by which it is counted."""
        burst = self._find_burst(refused.code, peer)
        burst.count += 1
        if burst.count > TOLD_SINGLY and burst.sample is not None:
            return
        refusal = describe_refusal(
            refused, visit, decision_id=decision_id, origin=origin, peer=peer
        )
        if burst.count <= TOLD_SINGLY:
            self._waiting.append(refusal)
        else:
            burst.sample = refusal

    async def keep_sending(self) -> NoReturn:
        while True:
            await asyncio.sleep(TICK_S)
            await self.flush()

    async def flush(self) -> None:
        """Send what has been collected, or lose it."""
        refusals = self._take()
        try:
            while refusals:
                await self._send(refusals[:_BATCH])
                self.sent += _weigh(refusals[:_BATCH])
                del refusals[:_BATCH]
        except AWAY as error:
            _log.debug("refusals were lost: %r", error)
            self.lost += _weigh(refusals)

    def _find_burst(self, code: RefusalCode, peer: str | None) -> _Burst:
        """Where too many addresses ask at once, those that come last share a burst."""
        key = (code, peer)
        if key not in self._bursts and len(self._bursts) >= MAX_BURSTS:
            key = (code, None)
        return self._bursts.setdefault(key, _Burst())

    def _take(self) -> list[Refusal]:
        refusals, self._waiting = self._waiting, []
        bursts, self._bursts = self._bursts, {}
        for (_, peer), burst in bursts.items():
            if burst.sample is not None:
                rest = {"weight": burst.count - TOLD_SINGLY, "peer": peer}
                refusals.append(burst.sample.model_copy(update=rest))
        return refusals

    async def _send(self, refusals: list[Refusal]) -> None:
        async with self._client.pipeline(transaction=False) as pipe:
            for refusal in refusals:
                pipe.xadd(REFUSAL_STREAM, {FIELD: refusal.render()}, maxlen=REFUSAL_STREAM_LENGTH)
            await pipe.execute()


def _weigh(refusals: Iterable[Refusal]) -> int:
    return sum(refusal.weight for refusal in refusals)


def describe_refusal(
    refused: Refused, visit: Visit, *, decision_id: str, origin: str | None, peer: str | None
) -> Refusal:
    """The record of a refusal. The token's side of it comes from a genuine token only; what the
    asker says otherwise is brought into what a record holds, and never a reason to fail."""
    claims = None if refused.verified is None else refused.verified.claims
    return Refusal(
        decision_id=decision_id,
        at=visit.began_at,
        code=refused.code,
        cause=_fit(refused.cause),
        rules=tuple(RuleResult(rule=rule, passed=ok) for rule, ok in trace_rules(refused.rule)),
        method=_fit(visit.method),
        **({} if claims is None else claims.model_dump(include=_TOLD)),
        asset_id=visit.asset_id,
        name=visit.name and _fit(visit.name),
        kind=None if visit.name is None else visit.kind,
        origin=origin and _fit(origin),
        peer=peer and _fit(peer),
    )


def _fit(text: str) -> str:
    """Bytes that are no UTF-8 come in as lone surrogates, which no record can hold, and a NUL no
    database."""
    return text[:MAX_TEXT].replace("\0", "?").encode(errors="replace").decode()
