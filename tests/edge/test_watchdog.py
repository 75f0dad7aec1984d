"""Which connections are cut, and that the others are left alone."""

import asyncio
from dataclasses import dataclass, field
from typing import cast

import pytest

from edge.watchdog import Cut, Deadlines, Watchdog, judge

DEADLINES = Deadlines(head_s=10, idle_s=75, stall_s=30)


@dataclass
class Pipe:
    """A transport with so many bytes that wait for a reader."""

    waiting: int = 0
    aborted: bool = False

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def abort(self) -> None:
        self.aborted = True


@dataclass(eq=False)
class Peer:
    """A connection as the watchdog sees it."""

    active_at: float = 0
    partial_since: float | None = None
    is_answering: bool = False
    pipe: Pipe | None = field(default_factory=Pipe)
    closed: bool = False

    @property
    def transport(self) -> asyncio.Transport | None:
        return cast("asyncio.Transport | None", self.pipe)

    @transport.setter
    def transport(self, transport: asyncio.Transport | None) -> None:
        raise NotImplementedError

    def force_close(self) -> None:
        self.closed = True

    @property
    def fate(self) -> str:
        if self.pipe is not None and self.pipe.aborted:
            return "aborted"
        return "closed" if self.closed else "kept"


class Clock:
    """A time that is set."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def watch(peer: Peer, clock: Clock, *times: float) -> Watchdog:
    """Look at a peer at these times."""
    watchdog = Watchdog(lambda: [peer], DEADLINES, clock=clock)
    for clock.now in times:
        await watchdog.look()
    return watchdog


@pytest.mark.parametrize(
    ("peer", "stuck_since", "now", "cut"),
    [
        (Peer(partial_since=0), None, 9.9, None),
        (Peer(partial_since=0), None, 10, Cut.HEAD),
        (Peer(active_at=70, partial_since=72), None, 81, None),
        (Peer(active_at=70, partial_since=72), None, 82, Cut.HEAD),
        (Peer(), None, 74, None),
        (Peer(), None, 75, Cut.IDLE),
        (Peer(active_at=60), None, 100, None),
        (Peer(is_answering=True), None, 1000, None),
        (Peer(is_answering=True, partial_since=0), None, 1000, None),
        (Peer(), 50.0, 79, None),
        (Peer(), 50.0, 80, Cut.STALL),
        (Peer(is_answering=True), 50.0, 80, Cut.STALL),
        (Peer(partial_since=0), 50.0, 60, None),
    ],
    ids=[
        "a head under way",
        "a head that does not end",
        "a later head under way",
        "a later head that does not end",
        "idle for a while",
        "idle for too long",
        "idle since its last request",
        "an answer that takes its time",
        "an answer, and the next head behind it",
        "a reader that pauses",
        "a reader that has gone",
        "a reader of chunks that has gone",
        "a head behind bytes that wait",
    ],
)
def test_judgements(peer: Peer, stuck_since: float | None, now: float, cut: Cut | None) -> None:
    assert judge(peer, now, stuck_since=stuck_since, deadlines=DEADLINES) is cut


async def test_who_idles_is_closed_in_peace_and_counted(clock: Clock) -> None:
    peer = Peer()
    watchdog = await watch(peer, clock, 74, 75)
    assert peer.fate == "closed"
    assert watchdog.cuts == {"head": 0, "idle": 1, "stall": 0}


async def test_who_takes_nothing_is_aborted(clock: Clock) -> None:
    peer = Peer(pipe=Pipe(1000))
    watchdog = await watch(peer, clock, 5, 20, 34)
    assert peer.fate == "kept"
    clock.now = 35
    await watchdog.look()
    assert peer.fate == "aborted"
    assert watchdog.cuts["stall"] == 1


async def test_who_takes_a_little_is_kept(clock: Clock) -> None:
    peer = Peer(pipe=Pipe(1000))
    watchdog = await watch(peer, clock, 0)
    for clock.now in range(20, 200, 20):
        assert peer.pipe is not None
        peer.pipe.waiting -= 1
        await watchdog.look()
    assert peer.fate == "kept"


async def test_a_reader_that_caught_up_begins_anew(clock: Clock) -> None:
    peer = Peer(pipe=Pipe(1000))
    assert peer.pipe is not None
    watchdog = await watch(peer, clock, 0)
    for clock.now, peer.pipe.waiting in ((20, 0), (25, 1000), (40, 1000), (54, 1000)):
        await watchdog.look()
    assert peer.fate == "kept"
    clock.now = 55
    await watchdog.look()
    assert peer.fate == "aborted"


async def test_idling_begins_when_an_answer_is_out(clock: Clock) -> None:
    peer = Peer(is_answering=True)
    watchdog = await watch(peer, clock, 100)
    peer.is_answering = False
    for clock.now in (174, 174.5):
        await watchdog.look()
    assert peer.fate == "kept"
    clock.now = 175
    await watchdog.look()
    assert peer.fate == "closed"


async def test_a_connection_that_is_gone_is_passed_over(clock: Clock) -> None:
    peer = Peer(pipe=None)
    watchdog = await watch(peer, clock, 1000)
    assert peer.fate == "kept"
    assert watchdog.cuts.total() == 0


async def test_others_get_a_turn_while_many_are_looked_at(clock: Clock) -> None:
    peers = [Peer() for _ in range(1200)]
    watchdog = Watchdog(lambda: peers, DEADLINES, clock=clock)
    looking = asyncio.create_task(watchdog.look())
    turns = 0
    while not looking.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns >= 3


async def test_it_tells_how_late_the_loop_woke_it(clock: Clock) -> None:
    watchdog = Watchdog(list, DEADLINES, clock=clock)
    assert watchdog.worst_lag_s == 0
    looking = asyncio.create_task(watchdog.keep_looking())
    await asyncio.sleep(0)
    clock.now = 1.25
    while not watchdog.worst_lag_s:  # noqa: ASYNC110  (it sets no Event)
        await asyncio.sleep(0.01)
    looking.cancel()
    assert watchdog.worst_lag_s == 0.25
