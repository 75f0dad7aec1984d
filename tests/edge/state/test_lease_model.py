"""The script that decides leases, held against a slow and obvious model."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any, Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine
from redis.asyncio import Redis

from edge.gate.standing import Standing
from edge.state.lease_store import LeaseStore, Mode
from shared.events.leases import name_viewer_keys
from tests.edge.films import ISSUER
from tests.edge.leases import let_time_pass, make_session, make_viewer

STEP_S: Final = 100
LEASE_STEPS: Final = 3
SIDS: Final = ("a", "b", "c", "d")


@dataclass
class Model:
    """A viewer's sessions, counted in steps of time."""

    now: int = 0
    leases: dict[str, int] = field(default_factory=dict)
    began: dict[str, int] = field(default_factory=dict)
    begun: dict[str, int] = field(default_factory=dict)
    displaced: dict[str, int] = field(default_factory=dict)

    def list_live(self) -> list[str]:
        live = [sid for sid, ends in self.leases.items() if ends > self.now]
        return sorted(live, key=lambda sid: (self.began[sid], -SIDS.index(sid)))

    def ask(
        self, sid: str, mode: Mode, *, limit: int | None, start_by: int | None, expires: int
    ) -> tuple[Standing, list[str]]:
        """Where it stands, and who holds the places or had to leave them."""
        if self.displaced.get(sid, 0) > self.now and mode is not Mode.TAKE_OVER:
            self.displaced[sid] = max(self.displaced[sid], expires)
            return Standing.DISPLACED, []
        if self.begun.get(sid, 0) <= self.now:
            if start_by is not None and self.now >= start_by:
                return Standing.WINDOW_CLOSED, []
            if mode is Mode.LOOK:
                return Standing.UNKNOWN, []
        live = self.list_live()
        excess = 0 if limit is None or sid in live else max(len(live) - limit + 1, 0)
        if excess and mode is not Mode.TAKE_OVER:
            return Standing.LIMIT, live
        gone = live[:excess]
        for other in gone:
            del self.leases[other]
            self.displaced[other] = self.begun[other]
        self._run(sid, starts=sid not in live, expires=expires)
        return Standing.RUNNING, gone

    def _run(self, sid: str, *, starts: bool, expires: int) -> None:
        if starts:
            self.began[sid] = self.now
        self.leases[sid] = self.now + LEASE_STEPS
        self.begun[sid] = max(self.begun.get(sid, 0), expires)
        self.displaced.pop(sid, None)


class Leases(RuleBasedStateMachine):
    """Every step of time lies far from any end, so that a slow machine changes nothing."""

    url: str

    @initialize()
    def begin(self) -> None:
        self.runner = asyncio.Runner()
        self.model = Model()
        self.subject = make_viewer()
        self.client = Redis.from_url(self.url)
        self.store = LeaseStore(self.client, lease_s=(LEASE_STEPS - 0.5) * STEP_S)

    def teardown(self) -> None:
        self.runner.run(self.client.aclose())
        self.runner.close()

    @rule(steps=st.integers(1, 2))
    def pass_time(self, steps: int) -> None:
        self.model.now += steps
        self.runner.run(let_time_pass(self.client, self.subject, seconds=steps * STEP_S))

    @rule(
        sid=st.sampled_from(SIDS),
        mode=st.sampled_from(Mode),
        limit=st.sampled_from([1, 2, 3, None]),
        start_in=st.sampled_from([None, None, -1, 1, 2]),
        lives=st.integers(1, 9),
    )
    def ask(
        self, sid: str, mode: Mode, limit: int | None, start_in: int | None, lives: int
    ) -> None:
        now, real = self.model.now, time.time()
        start_by = None if start_in is None else now + start_in
        session = make_session(
            sid,
            self.subject,
            max_streams=limit,
            start_by=None if start_in is None else int(real + (start_in - 0.5) * STEP_S),
            expires_at=int(real + (lives - 0.5) * STEP_S),
            began_at=real - 3 * SIDS.index(sid),
            seen_at=real,
        )
        expected = self.model.ask(sid, mode, limit=limit, start_by=start_by, expires=now + lives)
        verdict = self.runner.run(self.store.ask(session, mode, now=real))
        named = [holder.session_id for holder in verdict.holders]
        gone = [displaced for displaced, _ in verdict.displaced]
        assert (verdict.standing, named + gone) == expected

    @invariant()
    def holds_what_the_model_holds(self) -> None:
        if not hasattr(self, "model"):
            return
        live, lives = self.runner.run(self._read())
        assert live == set(self.model.list_live())
        assert -1 not in lives

    async def _read(self) -> tuple[set[str], list[int]]:
        """Who has a lease, and how long the keys live; -1 is for ever."""
        keys = name_viewer_keys(ISSUER, self.subject)
        live: Any = await self.client.zrangebyscore(keys.leases, time.time() * 1000, "inf")
        return {sid.decode() for sid in live}, [await self.client.ttl(key) for key in keys]


def test_the_script_decides_as_the_model_does(redis_url: str) -> None:
    class Machine(Leases):
        url = redis_url

    run_machine(Machine, settings=settings(max_examples=40, stateful_step_count=25))
