"""A child is heard, timed and ended; it never outlives its worker."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from shared.jobs import FailureReason, Order, ResultReport
from shared.paths import asset_document_key, chunk_record_key, work_prefix
from shared.runtime.store.local import LocalStore
from tests.transcoder.children import is_running
from tests.transcoder.orders import (
    ASSET_ID,
    JOB_ID,
    MUTE,
    SOURCE_KEY,
    encode_order,
    make_limits,
    package_order,
    plan_order,
)
from tests.waiting import wait_for
from transcoder.pipeline import make_plan
from transcoder.settings import Settings
from transcoder.work.messages import AnyReport, ChildTask, Failed, Finished, Progressed
from transcoder.work.supervisor import (
    CHILD_TUNING,
    Child,
    explain_exit,
    start_child,
    watch_child,
)

# Slow enough that a child is still at it when something happens to it.
SLOW = Settings(preset="slow")

# A heap cannot shrink below the last of many blocks; prints the bytes that are held.
HOLD_THE_LAST = """
bytearray(8_000_000)
*blocks, last = [bytearray(600_000) for _ in range(100)]
del blocks
print(int(open("/proc/self/statm").read().split()[1]) * 4096)
"""

# What CPython does when there is no memory for a thread's first steps: `start` never returns.
DIE_BEFORE_THE_START = """
import sys
from threading import Thread
from transcoder.work.child import end_without_memory

def die(thread):
    raise MemoryError

sys.unraisablehook = end_without_memory
Thread._bootstrap_inner = die
Thread().start()
"""


class Interrupted(Exception):
    """What a test raises in the middle of a watch."""


@pytest.fixture
def media(demo: Path, tmp_path: Path) -> Path:
    """A media store with the demo film as the source, and its plan."""
    store = LocalStore(tmp_path / "media")
    store.put(SOURCE_KEY, demo.read_bytes())
    make_plan(plan_order(), store, SLOW, MUTE)
    return tmp_path / "media"


def make_task(
    media: Path, settings: Settings = SLOW, order: Order | None = None, **limits: int
) -> ChildTask:
    return ChildTask(
        order=order or encode_order(),
        media_store=media,
        settings=settings,
        limits=make_limits(**limits),
        parent_pid=os.getpid(),
    )


def is_at_work(media: Path) -> bool:
    """Whether the child has encoded something."""
    store = LocalStore(media)
    return any(key.endswith(".m4s") for key in store.list_keys(work_prefix(JOB_ID)))


def watch(task: ChildTask, scratch: Path) -> tuple[Finished | Failed, str]:
    with start_child(task, scratch) as child:
        return watch_child(child, task.limits, beat=lambda _: None), child.log_tail


def test_a_child_makes_the_asset(clip: bytes, tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "media")
    store.put(SOURCE_KEY, clip)
    beats: list[Progressed] = []
    reports: list[AnyReport] = []
    for order in (plan_order(), encode_order(), package_order()):
        task = make_task(tmp_path / "media", Settings(), order)
        with start_child(task, tmp_path / "scratch") as child:
            ending = watch_child(child, task.limits, beat=beats.append)
        assert isinstance(ending, Finished)
        reports.append(ending.report)
    assert isinstance(reports[-1], ResultReport)
    assert (reports[-1].duration_ms, reports[-1].heights) == (4000, (180,))
    assert store.exists(asset_document_key(ASSET_ID))
    assert beats[0].fraction == 0
    assert list((tmp_path / "scratch").iterdir()) == []


@pytest.mark.parametrize(
    ("source", "reason"),
    [(b"", FailureReason.NO_MEDIA), (b"words\n" * 99, FailureReason.UNSUPPORTED)],
    ids=["no bytes", "text"],
)
def test_a_child_says_why_there_is_no_asset(
    source: bytes, reason: FailureReason, tmp_path: Path
) -> None:
    LocalStore(tmp_path / "media").put(SOURCE_KEY, source)
    ending, _ = watch(make_task(tmp_path / "media", order=plan_order()), tmp_path / "scratch")
    assert isinstance(ending, Failed)
    assert ending.reason == reason


def test_what_nobody_foresaw_is_internal_and_in_the_log(tmp_path: Path) -> None:
    task = make_task(tmp_path / "media", order=plan_order())
    ending, log = watch(task, tmp_path / "scratch")
    assert isinstance(ending, Failed)
    assert ending.reason == FailureReason.INTERNAL
    assert "ObjectMissing" in ending.detail
    assert "Traceback" in log


def test_a_child_may_not_use_more_memory_than_it_is_given(media: Path, tmp_path: Path) -> None:
    task = make_task(media, address_bytes=220_000_000)
    ending, _ = watch(task, tmp_path / "scratch")
    assert isinstance(ending, Failed)
    assert ending.reason in (FailureReason.OUT_OF_MEMORY, FailureReason.INTERNAL)


def test_large_blocks_go_back_to_the_system_when_they_are_freed() -> None:
    def measure(tuning: dict[str, str]) -> int:
        command = [sys.executable, "-IS", "-c", HOLD_THE_LAST]
        return int(subprocess.run(command, env=tuning, stdout=subprocess.PIPE, check=True).stdout)

    assert measure(CHILD_TUNING) < measure({}) - 30_000_000


@pytest.mark.parametrize(
    ("limits", "detail"),
    [({"wall_s": 1}, "not done after 1 s"), ({"stall_s": 1}, "nothing done in 1 s")],
    ids=["too long in all", "too long without a word"],
)
def test_a_child_that_takes_too_long_is_given_up(
    limits: dict[str, int], detail: str, tmp_path: Path
) -> None:
    with start_child(make_task(tmp_path), tmp_path / "scratch") as child:
        os.kill(child.pid, signal.SIGSTOP)  # the pattern of a decoder that hangs
        ending = watch_child(child, make_limits(**limits), beat=lambda _: None)
    assert ending == Failed(reason=FailureReason.TIMED_OUT, detail=detail)
    assert not is_running(child.pid)


def test_a_child_that_hangs_with_its_memory_used_up_is_out_of_memory(tmp_path: Path) -> None:
    full = 100_000_000
    with start_child(make_task(tmp_path), tmp_path / "scratch") as child:
        wait_for(lambda: child.peak_address_bytes >= full, what="libraries", within_s=30)
        os.kill(child.pid, signal.SIGSTOP)
        ending = watch_child(child, make_limits(stall_s=1, address_bytes=full), beat=lambda _: None)
    assert isinstance(ending, Failed)
    assert ending.reason == FailureReason.OUT_OF_MEMORY
    assert child.peak_address_bytes == 0


def test_a_thread_that_dies_of_a_lack_of_memory_ends_the_child() -> None:
    command = [sys.executable, "-c", DIE_BEFORE_THE_START]
    ended = subprocess.run(command, capture_output=True, check=False, timeout=60)
    assert explain_exit(ended.returncode).reason == FailureReason.OUT_OF_MEMORY


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (signal.SIGKILL, FailureReason.OUT_OF_MEMORY),
        (signal.SIGSEGV, FailureReason.INTERNAL),
    ],
    ids=["SIGKILL", "SIGSEGV"],
)
def test_a_child_killed_at_its_work_is_a_failure(
    number: signal.Signals, reason: FailureReason, media: Path, tmp_path: Path
) -> None:
    task = make_task(media)
    with start_child(task, tmp_path / "scratch") as child:
        wait_for(lambda: is_at_work(media), what="the first file", within_s=30)
        os.kill(child.pid, number)
        ending = watch_child(child, task.limits, beat=lambda _: None)
    assert ending == Failed(reason=reason, detail=f"the encoder was ended by {number.name}")
    assert not LocalStore(media).exists(chunk_record_key(JOB_ID, 1))


def test_a_watch_that_is_interrupted_ends_the_child(media: Path, tmp_path: Path) -> None:
    children: list[Child] = []

    def interrupt(_: Progressed) -> None:
        raise Interrupted

    def watch_until_interrupted() -> None:
        with start_child(make_task(media), tmp_path / "scratch") as child:
            children.append(child)
            watch_child(child, make_limits(), beat=interrupt)

    with pytest.raises(Interrupted):
        watch_until_interrupted()
    assert not is_running(children[0].pid)
    assert list((tmp_path / "scratch").iterdir()) == []


WORKER = """
import os, signal, sys
from pathlib import Path
from tests.transcoder.work.test_supervisor import make_task
from transcoder.work.supervisor import start_child
with start_child(make_task(Path(sys.argv[1])), Path(sys.argv[2])) as child:
    print(child.pid, flush=True)
    signal.pause()
"""


def test_a_child_dies_with_its_worker(media: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", WORKER, str(media), str(tmp_path / "scratch")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        child = int(worker.stdout.readline())
        wait_for(lambda: is_at_work(media), what="the first file", within_s=30)
        worker.kill()
    wait_for(lambda: not is_running(child), what="the child's end", within_s=10)
    assert not LocalStore(media).exists(chunk_record_key(JOB_ID, 1))


def test_a_child_whose_worker_is_gone_does_nothing(media: Path, tmp_path: Path) -> None:
    task = make_task(media).model_copy(update={"parent_pid": 1})
    ending, log = watch(task, tmp_path / "scratch")
    assert ending == Failed(reason=FailureReason.INTERNAL, detail="the encoder ended with 1")
    assert "the parent is gone" in log
    assert not is_at_work(media)


def test_a_child_that_runs_out_of_time_to_compute_has_timed_out() -> None:
    assert explain_exit(-signal.SIGXCPU).reason == FailureReason.TIMED_OUT
