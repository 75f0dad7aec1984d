"""What a child may use grows with what it has to do, and ends somewhere."""

import pytest

from shared.runtime.store.local import LocalStore
from tests.transcoder.orders import JOB_ID, SOURCE_KEY, encode_order, package_order, plan_order
from tests.transcoder.plans import make_plan
from transcoder.errors import WorkMissing
from transcoder.planning.chunks import cut_chunks
from transcoder.settings import Settings
from transcoder.steps.checkpoints import PlanDocument, keep_plan
from transcoder.work.limits import choose_limits

SETTINGS = Settings()


@pytest.fixture
def planned(store: LocalStore) -> LocalStore:
    """A store with the plan of ten minutes, whose first chunk is the sound."""
    plan = make_plan(600, size=(1920, 1080))
    document = PlanDocument(plan=plan, chunks=cut_chunks(plan), preset="veryfast")
    keep_plan(store, JOB_ID, document)
    return store


def test_a_chunk_has_as_long_as_its_work_takes_on_a_slow_machine(planned: LocalStore) -> None:
    low, high = (choose_limits(encode_order(n), planned, SETTINGS) for n in (2, 12))
    assert 300 < low.cpu_s < high.cpu_s < 7200
    assert low.wall_s > low.cpu_s
    assert high.wall_s < SETTINGS.timeout_s


def test_a_package_has_as_long_as_its_film(planned: LocalStore) -> None:
    assert 600 < choose_limits(package_order(21), planned, SETTINGS).cpu_s < 3600


def test_a_plan_has_as_long_as_the_source_takes_to_read(store: LocalStore) -> None:
    store.put(SOURCE_KEY, bytes(10**6))
    small = choose_limits(plan_order(), store, SETTINGS).cpu_s
    store.put(SOURCE_KEY, bytes(10**8))
    assert 300 <= small < choose_limits(plan_order(), store, SETTINGS).cpu_s < 600


def test_what_nobody_can_estimate_has_as_long_as_anything(store: LocalStore) -> None:
    order = package_order(0, base_asset_id=JOB_ID)
    assert choose_limits(order, store, SETTINGS).wall_s == SETTINGS.timeout_s


def test_no_limit_is_above_the_settings(planned: LocalStore) -> None:
    narrow = Settings(timeout_s=60, stall_s=5, max_memory_bytes=10**9, max_file_bytes=10**6)
    limits = choose_limits(encode_order(2), planned, narrow)
    assert (limits.wall_s, limits.stall_s) == (60, 5)
    assert (limits.address_bytes, limits.file_bytes) == (10**9, 10**6)


def test_address_space_grows_with_memory(planned: LocalStore) -> None:
    wide = Settings(max_memory_bytes=10**12)
    small, large = (
        choose_limits(encode_order(2, memory_bytes=memory), planned, wide).address_bytes
        for memory in (10**8, 10**9)
    )
    assert 10**9 < small < large < 10**10


def test_a_chunk_that_is_not_planned_has_no_limits(planned: LocalStore) -> None:
    with pytest.raises(WorkMissing):
        choose_limits(encode_order(99), planned, SETTINGS)
