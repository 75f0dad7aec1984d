"""A whole film in one order: all of a job's chunks one after the other, for a control plane that
does not order them one by one."""

from typing import Any

from shared.jobs import EncodeOrder, PackageOrder, PlanOrder, ResultReport, TranscodeOrder
from shared.runtime.store.interface import Store
from transcoder.checkpoints import find_record
from transcoder.pipeline import make_chunk, make_package, make_plan
from transcoder.progress import Meter, Progress
from transcoder.settings import Settings


def make_asset(
    order: TranscodeOrder, store: Store, settings: Settings, meter: Meter, *, now: int
) -> ResultReport:
    """Turn the order's source into its asset, complete and checked, in the store."""
    common: dict[str, Any] = {
        "job_id": order.job_id,
        "attempt": order.attempt,
        "video_id": order.video_id,
        "source_key": order.source_key,
        "lease_ends_at": order.lease_ends_at,
    }
    plan = make_plan(PlanOrder(chunk=0, **common), store, settings, meter)
    cost, done = sum(chunk.cost for chunk in plan.chunks), 0.0
    for chunk in plan.chunks:
        part = EncodeOrder(chunk=chunk.number, memory_bytes=chunk.memory_bytes, **common)

        def tell(progress: Progress, done: float = done, share: float = chunk.cost) -> None:
            meter.tell((done + share * progress.fraction) / cost, progress.rungs)

        if find_record(store, order.job_id, chunk.number) is None:
            make_chunk(part, store, settings, Meter(tell))
        done += chunk.cost
    chunks = len(plan.chunks)
    package = PackageOrder(chunk=chunks + 1, chunks=chunks, asset_id=order.asset_id, **common)
    report = make_package(package, store, settings, Meter(lambda _: meter.tell(1.0)), now=now)
    return report.model_copy(update={"chunk": order.chunk})
