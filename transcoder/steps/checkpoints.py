"""What is kept between the chunks of a job: the plan, and a record of each chunk that is finished.

Both are created once. Whoever comes second works by what the first has written, so that every
worker has the same plan, and the files of one attempt at a chunk are used and no others.
"""

from fractions import Fraction
from typing import TypeVar

from shared.jobs import EncodedReport, EncodeOrder
from shared.paths import chunk_record_key, plan_key
from shared.runtime.store.interface import ObjectExists, ObjectMissing, Store
from transcoder.cmaf.film import AudioRendition, Document, VideoRendition
from transcoder.errors import WorkMissing
from transcoder.planning.chunks import Chunk
from transcoder.planning.plan import Plan

AnyDocument = TypeVar("AnyDocument", bound=Document)


class PlanDocument(Document):
    """`plan.json`. What decides about the bytes that come out is in here, and not in the settings
    of the worker that encodes: those of several may differ."""

    plan: Plan
    chunks: tuple[Chunk, ...]
    preset: str

    def find_chunk(self, number: int) -> Chunk:
        """The chunk of a number; raises `WorkMissing`."""
        for chunk in self.chunks:
            if chunk.number == number:
                return chunk
        raise WorkMissing(f"the plan has no chunk {number}")


class ChunkRecord(Document):
    """`chunk.json`: what a chunk consists of, and the attempt whose files these are. Pictures are
    counted as they came out of the decoder, `reached_s` is where they ended."""

    attempt: int
    video: tuple[VideoRendition, ...]
    audio: tuple[AudioRendition, ...]
    peaks: tuple[float, ...]
    good_pictures: int
    bad_pictures: int
    reached_s: Fraction
    size_bytes: int
    cpu_s: float

    def report(self, order: EncodeOrder) -> EncodedReport:
        """What is said of the chunk in answer to an order, whichever attempt has made it."""
        return EncodedReport(
            job_id=order.job_id,
            chunk=order.chunk,
            attempt=order.attempt,
            size_bytes=self.size_bytes,
            cpu_s=self.cpu_s,
        )


def find_plan(store: Store, job_id: str) -> PlanDocument | None:
    """The job's plan, if there is one yet."""
    return _find(store, plan_key(job_id), PlanDocument)


def read_plan(store: Store, job_id: str) -> PlanDocument:
    """The job's plan; raises `WorkMissing`."""
    return _expect(find_plan(store, job_id), "plan.json")


def keep_plan(store: Store, job_id: str, document: PlanDocument) -> PlanDocument:
    """Write the plan, unless somebody has; returns the one that counts."""
    return _keep(store, plan_key(job_id), document)


def find_record(store: Store, job_id: str, chunk: int) -> ChunkRecord | None:
    """The record of a chunk, if it is finished."""
    return _find(store, chunk_record_key(job_id, chunk), ChunkRecord)


def read_record(store: Store, job_id: str, chunk: int) -> ChunkRecord:
    """The record of a finished chunk; raises `WorkMissing`."""
    return _expect(find_record(store, job_id, chunk), f"chunk {chunk}")


def keep_record(store: Store, job_id: str, chunk: int, record: ChunkRecord) -> ChunkRecord:
    """Write a chunk's record, unless somebody has; returns the one that counts."""
    return _keep(store, chunk_record_key(job_id, chunk), record)


def _find(store: Store, key: str, kind: type[AnyDocument]) -> AnyDocument | None:
    try:
        return kind.parse(store.get(key))
    except ObjectMissing:
        return None


def _expect(document: AnyDocument | None, name: str) -> AnyDocument:
    if document is None:
        raise WorkMissing(f"{name} is not there")
    return document


def _keep(store: Store, key: str, document: AnyDocument) -> AnyDocument:
    try:
        store.put(key, document.render(), create=True)
    except ObjectExists:
        return type(document).parse(store.get(key))
    return document
