"""How long a child may take and what it may use, in proportion to what it has to do.

A source may make a decoder run for ever, or ask for all memory there is. What is reasonable for a
day of film is not for a minute, so that limits follow from estimates, with plenty of room: a
machine may be slow, and others may be at work on it.
"""

from typing import Final

from shared.jobs import Order, PackageOrder, PlanOrder
from shared.runtime.store.interface import Store
from transcoder.planning.estimates import estimate_cpu_s, estimate_package_cpu_s
from transcoder.settings import Limits, Settings
from transcoder.steps.checkpoints import find_plan

# CPU seconds for nothing at all, and for each that was estimated; and how long that may take.
_LEAST_CPU_S: Final = 300
_CPU_FACTOR: Final = 30
_WALL_FACTOR: Final = 10

# Reading a source takes as long as its disk needs: bytes a CPU second.
_READ_BYTES_PER_S: Final = 100_000_000

# Address space is more than memory: each thread has a stack and a heap of its own.
_ADDRESS_BYTES: Final = 3_000_000_000
_ADDRESS_FACTOR: Final = 4


def choose_limits(order: Order, store: Store, settings: Settings) -> Limits:
    """The limits of an order; of time and address space never more than the settings allow."""
    cpu_s = _LEAST_CPU_S + _CPU_FACTOR * _estimate(order, store, settings)
    address_bytes = _ADDRESS_BYTES + _ADDRESS_FACTOR * order.memory_bytes
    return Limits(
        cpu_s=round(cpu_s),
        wall_s=round(min(cpu_s * _WALL_FACTOR, settings.timeout_s)),
        stall_s=settings.stall_s,
        address_bytes=min(address_bytes, settings.max_memory_bytes),
        file_bytes=settings.max_file_bytes,
    )


def _estimate(order: Order, store: Store, settings: Settings) -> float:
    """About how many CPU seconds an order takes; as many as the settings allow where that cannot
    be known."""
    document = find_plan(store, order.job_id)
    if isinstance(order, PlanOrder):
        return 0 if document else store.size(order.source_key) / _READ_BYTES_PER_S
    if document is None:
        return settings.timeout_s
    if isinstance(order, PackageOrder):
        return estimate_package_cpu_s(document.plan.duration_s)
    chunk = document.find_chunk(order.chunk)
    return estimate_cpu_s(document.plan, chunk, preset=document.preset)
