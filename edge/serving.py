"""A file that may be had, as HTTP wants it: which representation, which part of it, or nothing new.

Who comes here was let in by the gate.
"""

from typing import TypeAlias

from multidict import CIMultiDictProxy

from edge.content.assets import MediaFile
from edge.content.bodies import Bodies, Place
from edge.content.twins import may_have_twin
from edge.http.conditions import Precondition, check_preconditions, select_span
from edge.http.encodings import accepts_gzip
from edge.http.errors import PRECONDITION_FAILED, RANGE_NOT_SATISFIABLE, Failed
from edge.http.ranges import RangeUnsatisfiable, Span
from edge.http.requests import Request
from edge.http.responses import FORWARDED, HIT, STORED, Reply, Representation

Headers: TypeAlias = CIMultiDictProxy[str]


async def serve_file(file: MediaFile, request: Request, *, bodies: Bodies, place: Place) -> Reply:
    """Answer a request for a file; raises `Failed`, `ReaderBusy` and `StoreError`."""
    origin = b"" if file.body is None else HIT
    if file.body is None and (place[2] is not None or may_have_twin(file)):
        # only its bytes tell what its entity tag and its size are
        file, origin = await _load(file, request, bodies=bodies, place=place)
    chosen = _negotiate(file, request.headers)
    representation = chosen.representation
    precondition = check_preconditions(request.headers, representation.etag)
    if precondition is Precondition.NOT_MODIFIED:
        return Reply(304, representation.not_modified_head() + origin)
    if precondition is Precondition.FAILED:
        raise Failed(PRECONDITION_FAILED)
    if request.method == "HEAD":
        return Reply(200, representation.full_head + origin)
    span = _select_span(request.headers, representation)
    if chosen.body is None and bodies.fits_in_ram(chosen):
        chosen, origin = await _load(chosen, request, bodies=bodies, place=place)
    if chosen.body is None:
        return await _reply_in_chunks(chosen, span, request, bodies=bodies)
    return _reply_whole(chosen, chosen.body, span, origin)


async def _load(
    file: MediaFile, request: Request, *, bodies: Bodies, place: Place
) -> tuple[MediaFile, bytes]:
    """The file with its bytes, and the line that says where they came from."""
    with request.timings.measure("read"):
        loaded = await bodies.load(place, file)
    return loaded, STORED if bodies.fits_in_ram(loaded) else FORWARDED


def _negotiate(file: MediaFile, headers: Headers) -> MediaFile:
    """The compressed twin for those who want one."""
    if file.twin is None or "Accept-Encoding" not in headers:
        return file
    accepted = ",".join(headers.getall("Accept-Encoding"))
    return file.twin if accepts_gzip(accepted) else file


def _select_span(headers: Headers, representation: Representation) -> Span | None:
    """A part is a part of the file as it lies in the store; of a twin there are none."""
    if representation.encoding is not None:
        return None
    size = representation.size_bytes
    try:
        return select_span(headers, representation.etag, size)
    except RangeUnsatisfiable as error:
        raise Failed(RANGE_NOT_SATISFIABLE, {"Content-Range": f"bytes */{size}"}) from error


async def _reply_in_chunks(
    file: MediaFile, span: Span | None, request: Request, *, bodies: Bodies
) -> Reply:
    """The first chunk is read before the head is sent, while an error can still be told."""
    representation = file.representation
    chunks = bodies.stream(file, span or Span(0, representation.size_bytes))
    with request.timings.measure("read"):
        first = await anext(chunks)
    if span is None:
        return Reply(200, representation.full_head + FORWARDED, body=first, chunks=chunks)
    head = representation.partial_head(span) + FORWARDED
    return Reply(206, head, body=first, chunks=chunks)


def _reply_whole(file: MediaFile, body: bytes, span: Span | None, origin: bytes) -> Reply:
    representation = file.representation
    if span is None:
        return Reply(200, representation.full_head + origin, body=body)
    part = memoryview(body)[span.start : span.end]
    return Reply(206, representation.partial_head(span) + origin, body=part)
