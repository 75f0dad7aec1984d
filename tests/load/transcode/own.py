"""Our side, as a program: plan, chunks and package of one job, as workers do them in turn.

    python -m tests.load.transcode.own <store> [--whole] [--quiet-partner]

Several of these on one store share the chunks; the one that is not told otherwise packages. How
long each step took, and what checking chunks and package took of the processor, is printed as JSON,
in seconds.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from shared.jobs import PlanReport
from shared.paths import claim_key
from shared.report import Finding
from shared.runtime.store.interface import ObjectExists
from shared.runtime.store.local import LocalStore
from tests.transcoder.orders import JOB_ID, MUTE, NOW, encode_order, package_order, plan_order
from tests.waiting import wait_for
from transcoder import pipeline
from transcoder.inspect.chunks import find_chunk_faults
from transcoder.inspect.gate import inspect_package
from transcoder.settings import Settings
from transcoder.steps.checkpoints import find_record

SETTINGS: Final = Settings()
WHOLE: Final = Settings(chunk_segments=1_000_000)
"""Of these, every film is one chunk."""

_PARTNER_S: Final = 600

T = TypeVar("T")


def main(arguments: list[str]) -> int:
    options = parse_options(arguments)
    store = LocalStore(options.store)
    steps: dict[str, float] = {}
    settings = WHOLE if options.whole else SETTINGS
    _measure_checks(steps)
    with _timing(steps, "plan"):
        plan = pipeline.make_plan(plan_order(), store, settings, MUTE)
    with _timing(steps, "encode"):
        _encode(store, plan, settings)
    if not options.quiet_partner:
        _await_chunks(store, plan)
        order = package_order(len(plan.chunks))
        with _timing(steps, "package"):
            pipeline.make_package(order, store, settings, MUTE, now=NOW)
    sys.stdout.write(f"{json.dumps(steps)}\n")
    return 0


def _encode(store: LocalStore, plan: PlanReport, settings: Settings) -> None:
    for chunk in plan.chunks:
        if _take(store, chunk.number):
            pipeline.make_chunk(encode_order(chunk.number), store, settings, MUTE)


def parse_options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("--whole", action="store_true", help="cut nothing in chunks")
    parser.add_argument("--quiet-partner", action="store_true", help="leave packaging to another")
    return parser.parse_args(arguments)


def _take(store: LocalStore, chunk: int) -> bool:
    try:
        store.put(claim_key(JOB_ID, chunk, 1), b"", create=True)
    except ObjectExists:
        return False
    return True


def _await_chunks(store: LocalStore, plan: PlanReport) -> None:
    """A control plane would be told; here nobody tells."""
    wait_for(
        lambda: all(find_record(store, JOB_ID, chunk.number) for chunk in plan.chunks),
        what="a partner's chunks",
        within_s=_PARTNER_S,
    )


@contextmanager
def _timing(steps: dict[str, float], name: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    steps[name] = time.monotonic() - began


def _measure_checks(steps: dict[str, float]) -> None:
    """They run in one thread, while nothing else does."""
    steps["checks"] = 0.0

    def measured(check: Callable[..., T]) -> Callable[..., T]:
        def run(*arguments: Any, **options: Any) -> T:
            began = time.process_time()
            found = check(*arguments, **options)
            steps["checks"] += time.process_time() - began
            return found

        return run

    def check_chunk(*arguments: Any, **options: Any) -> list[Finding]:
        return list(find_chunk_faults(*arguments, **options))

    # mock would bring asyncio along, whose memory no child has
    vars(pipeline).update(
        inspect_package=measured(inspect_package), find_chunk_faults=measured(check_chunk)
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
