"""A source through the real child, and what came of it."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Final

from shared.jobs import Order, explain_failure
from shared.paths import asset_document_key
from shared.runtime.store.local import LocalStore
from tests.transcoder.orders import (
    ASSET_ID,
    JOB_ID,
    SOURCE_KEY,
    Made,
    encode_order,
    make_limits,
    package_order,
    plan_order,
    read_made,
)
from transcoder.settings import Settings
from transcoder.steps.checkpoints import read_plan
from transcoder.work.messages import ChildTask, Failed, Finished
from transcoder.work.supervisor import start_child, watch_child

# Small enough that what asks for more is noticed, in a corpus of small files.
MODEST: Final = Settings(
    preset="superfast",
    max_pixels=4096 * 2304,
    max_duration_s=3600,
    max_memory_bytes=3 * 10**9,
    timeout_s=100,
    stall_s=60,
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """An asset, or why there is none, and how much memory the child has had at most."""

    made: Made | None
    failed: Failed | None
    peak_kb: int


def transcode(source: Path, folder: Path, settings: Settings = MODEST) -> Outcome:
    """Make a source's asset in a store below `folder`, in children as workers start them."""
    store = LocalStore(folder / "store")
    place = folder / "store" / SOURCE_KEY
    place.parent.mkdir(parents=True)
    place.hardlink_to(source)
    peak_kb = 0
    for order in _follow_plan(store):
        ending, child_kb = _carry_out(order, folder, settings)
        peak_kb = max(peak_kb, child_kb)
        if isinstance(ending, Failed):
            assert not store.exists(asset_document_key(ASSET_ID))
            assert explain_failure(ending.reason)
            assert ending.detail
            return Outcome(None, ending, peak_kb)
    return Outcome(read_made(store, folder / "store", ASSET_ID), None, peak_kb)


def _follow_plan(store: LocalStore) -> Iterator[Order]:
    """The orders of a film, one after the other."""
    yield plan_order()
    chunks = read_plan(store, JOB_ID).chunks
    for chunk in chunks:
        yield encode_order(chunk.number)
    yield package_order(len(chunks))


def _carry_out(order: Order, folder: Path, settings: Settings) -> tuple[Finished | Failed, int]:
    """How a child ended, and the most memory that it had, in KB."""
    limits = make_limits(
        cpu_s=settings.timeout_s,
        wall_s=settings.timeout_s,
        stall_s=settings.stall_s,
        address_bytes=settings.max_memory_bytes,
    )
    task = ChildTask(
        order=order,
        media_store=folder / "store",
        settings=settings,
        limits=limits,
        parent_pid=os.getpid(),
    )
    with start_child(task, folder / "scratch") as child, _measuring(child.pid) as peaks:
        ending = watch_child(child, limits, beat=lambda _: None)
    return ending, max(peaks)


@contextmanager
def _measuring(pid: int) -> Iterator[list[int]]:
    """The highest memory of a process so far, in KB, looked up until this is left."""
    peaks, left = [0], Event()

    def look() -> None:
        while not left.wait(0.02):
            try:
                status = Path(f"/proc/{pid}/status").read_text()
            except OSError:
                return
            peaks.extend(int(peak) for peak in re.findall(r"VmHWM:\s+(\d+) kB", status))

    watcher = Thread(target=look)
    watcher.start()
    try:
        yield peaks
    finally:
        left.set()
        watcher.join()
