"""Stopping, starting again and being killed: a system of their own for tests that end it."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.processes import find_processes
from tests.stack import make_state_folder, run_stack
from tests.waiting import wait_for

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def state() -> Iterator[Path]:
    with make_state_folder() as state:
        yield state


def video_of(announced: dict[str, Any]) -> str:
    return str(announced["watch_url"]).rpartition("/")[2]


def list_videos(state: Path) -> set[str]:
    """The videos that the media store holds, by their sources."""
    return {path.name for path in (state / "media" / "originals").iterdir()}


def list_assets(state: Path) -> set[str]:
    return {path.name for path in (state / "media" / "assets").iterdir()}


def test_stop_leaves_no_process_and_the_next_start_makes_nothing_twice(state: Path) -> None:
    with run_stack(state) as stack:
        first = stack.announced
        made = (list_videos(state), list_assets(state))
        assert stack.stop() == 0
    assert not find_processes(state)
    assert not (state / "standalone.json").exists()

    with run_stack(state) as stack:
        assert video_of(stack.announced) == video_of(first)
        assert (list_videos(state), list_assets(state)) == made
        assert stack.announced["playback_url"] != first["playback_url"]


def test_killed_supervisor_leaves_no_process_and_the_next_start_works(state: Path) -> None:
    with run_stack(state) as stack:
        os.kill(stack.process.pid, signal.SIGKILL)
        stack.process.wait()
        wait_for(lambda: not find_processes(state), what="the last process", within_s=30)

    with run_stack(state) as stack:
        stack.process.send_signal(signal.SIGTERM)
        assert stack.process.wait(60) == 0
    assert not find_processes(state)
