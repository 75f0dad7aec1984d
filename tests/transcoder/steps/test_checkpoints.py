"""What is kept between chunks is written once, and read as it was written."""

from dataclasses import replace

import pytest

from shared.paths import chunk_record_key, plan_key
from shared.runtime.store.local import LocalStore
from tests.transcoder.orders import JOB_ID, Made, encode_order
from tests.transcoder.plans import make_plan
from transcoder.cmaf.film import DocumentInvalid
from transcoder.errors import WorkMissing
from transcoder.planning.chunks import cut_chunks
from transcoder.steps.checkpoints import (
    PlanDocument,
    find_plan,
    find_record,
    keep_plan,
    keep_record,
    read_plan,
    read_record,
)


@pytest.fixture
def document() -> PlanDocument:
    plan = make_plan(600, size=(1920, 1080))
    return PlanDocument(plan=plan, chunks=cut_chunks(plan), preset="veryfast")


def test_a_plan_kept_is_the_plan_read(store: LocalStore, document: PlanDocument) -> None:
    assert find_plan(store, JOB_ID) is None
    assert keep_plan(store, JOB_ID, document) == document
    assert read_plan(store, JOB_ID) == document


def test_the_first_plan_counts(store: LocalStore, document: PlanDocument) -> None:
    keep_plan(store, JOB_ID, document)
    late = document.model_copy(update={"preset": "slow"})
    assert keep_plan(store, JOB_ID, late) == document
    assert read_plan(store, JOB_ID) == document


def test_a_plan_of_a_real_source_reads_back(small: Made) -> None:
    document = read_plan(small.store, JOB_ID)
    assert small.store.get(plan_key(JOB_ID)) == document.render()


def test_a_record_reads_back_and_the_first_counts(small: Made, store: LocalStore) -> None:
    record = read_record(small.store, JOB_ID, 1)
    assert keep_record(store, JOB_ID, 1, record) == record
    late = record.model_copy(update={"attempt": 2})
    assert keep_record(store, JOB_ID, 1, late) == record
    assert find_record(store, JOB_ID, 1) == record


def test_a_record_answers_any_attempt(small: Made) -> None:
    record = read_record(small.store, JOB_ID, 1)
    report = record.report(encode_order(1, attempt=3))
    assert (record.attempt, report.attempt) == (1, 3)
    assert (report.size_bytes, report.cpu_s) == (record.size_bytes, record.cpu_s)


def test_what_is_not_there_is_missing(store: LocalStore, document: PlanDocument) -> None:
    assert find_record(store, JOB_ID, 1) is None
    with pytest.raises(WorkMissing, match="chunk 1 is not there"):
        read_record(store, JOB_ID, 1)
    with pytest.raises(WorkMissing, match=r"plan\.json is not there"):
        read_plan(store, JOB_ID)
    with pytest.raises(WorkMissing, match="no chunk 99"):
        document.find_chunk(99)


def test_chunks_are_found_by_their_numbers(document: PlanDocument) -> None:
    assert [document.find_chunk(chunk.number) for chunk in document.chunks] == list(document.chunks)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"plan": 1}'])
def test_what_is_no_document_is_refused(content: bytes, store: LocalStore) -> None:
    store.put(plan_key(JOB_ID), content)
    store.put(chunk_record_key(JOB_ID, 1), content)
    with pytest.raises(DocumentInvalid):
        find_plan(store, JOB_ID)
    with pytest.raises(DocumentInvalid):
        find_record(store, JOB_ID, 1)


def test_a_plan_of_sound_alone_reads_back(store: LocalStore, document: PlanDocument) -> None:
    plan = make_plan(20, size=None)
    alone = document.model_copy(update={"plan": replace(plan, left_out=()), "chunks": ()})
    keep_plan(store, JOB_ID, alone)
    assert read_plan(store, JOB_ID) == alone
