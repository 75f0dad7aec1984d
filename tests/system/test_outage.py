"""Parts of the system away: what goes on, and that it heals."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import av
import pytest

from tests.stack import Stack
from tests.waiting import wait_for

pytestmark = pytest.mark.system

AWAY = ("control", "control-worker", "beat", "transcoder", "postgres", "redis")


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as response:  # noqa: S310
            return bool(response.status == 200)
    except (URLError, TimeoutError, ConnectionError):
        return False


@pytest.fixture
def unhelped(stack: Stack) -> Iterator[Stack]:
    """A system whose supervisor is asleep and starts nothing again until the test is over."""
    wait_for(lambda: is_whole(stack), what="a whole system", within_s=90)
    os.kill(stack.process.pid, signal.SIGSTOP)
    yield stack
    os.kill(stack.process.pid, signal.SIGCONT)
    wait_for(lambda: is_whole(stack), what="a whole system", within_s=90)


def is_whole(stack: Stack) -> bool:
    pids = stack.announced["pids"]
    return (
        set(AWAY) <= set(pids)
        and all(Path(f"/proc/{pid}").exists() for pid in pids.values())
        and answers(f"{stack.control_url}/readyz")
        and answers(f"{stack.edge_url}/livez")
    )


def test_started_film_plays_on_without_everything_but_the_edge(unhelped: Stack) -> None:
    with av.open(unhelped.announced["playback_url"], timeout=(20, 20)) as film:
        frames = film.decode(video=0)
        next(frames)
        for name in AWAY:
            os.kill(unhelped.announced["pids"][name], signal.SIGKILL)
        assert not answers(f"{unhelped.control_url}/livez")
        *_, last = frames
    assert last.time is not None
    assert last.time > 23


def test_new_player_starts_without_everything_but_the_edge(unhelped: Stack) -> None:
    for name in AWAY:
        os.kill(unhelped.announced["pids"][name], signal.SIGKILL)
    with av.open(unhelped.announced["playback_url"], timeout=(20, 20)) as film:
        assert next(film.decode(video=0))


def test_dead_service_is_started_again(stack: Stack) -> None:
    before = stack.announced["pids"]["edge"]
    os.kill(before, signal.SIGKILL)
    wait_for(
        lambda: stack.announced["pids"].get("edge", before) != before,
        what="another edge",
        within_s=30,
    )
    # other tests use the system after this one
    wait_for(lambda: answers(f"{stack.edge_url}/livez"), what="it to serve", within_s=30)
