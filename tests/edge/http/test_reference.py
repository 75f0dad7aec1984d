"""The edge's rules agree with the slow reading of RFC 9110, whatever is asked."""

from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from edge.http.conditions import Precondition, check_preconditions, select_span
from edge.http.ranges import RangeUnsatisfiable
from tests.edge.http.field_strategies import ETAG, fields
from tests.edge.http.reference import Expected, respond

STATUSES: Final = {Precondition.NOT_MODIFIED: 304, Precondition.FAILED: 412}


def answer(method: str, sent: list[tuple[str, str]], size: int) -> Expected:
    """What the edge makes of it, in the order in which it asks."""
    headers = CIMultiDictProxy(CIMultiDict(sent))
    precondition = check_preconditions(headers, ETAG)
    if precondition is not Precondition.PASSED:
        return Expected(STATUSES[precondition])
    if method == "HEAD":
        return Expected(200, range(size))
    try:
        span = select_span(headers, ETAG, size)
    except RangeUnsatisfiable:
        return Expected(416, (), f"bytes */{size}")
    if span is None:
        return Expected(200, range(size))
    return Expected(206, range(span.start, span.end), span.content_range(size))


@settings(max_examples=500)
@given(st.sampled_from(["GET", "GET", "HEAD"]), fields, st.integers(0, 30))
def test_the_edge_agrees_with_the_reference(
    method: str, sent: list[tuple[str, str]], size: int
) -> None:
    found, expected = answer(method, sent, size), respond(method, sent, ETAG, size)
    assert (found.status, found.content_range) == (expected.status, expected.content_range)
    assert list(found.positions) == list(expected.positions)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ([("Range", "bytes=0-4")], 206),
        ([("Range", "bytes=-4")], 206),
        ([("Range", "bytes=30-")], 416),
        ([("Range", "bytes=0-4"), ("If-Range", ETAG)], 206),
        ([("Range", "bytes=0-4"), ("If-Range", f"W/{ETAG}")], 200),
        ([("If-None-Match", f"W/{ETAG}"), ("Range", "bytes=0-4")], 304),
        ([("If-Match", f"W/{ETAG}"), ("If-None-Match", ETAG)], 412),
    ],
)
def test_the_reference_itself_knows_the_examples(sent: list[tuple[str, str]], status: int) -> None:
    assert respond("GET", sent, ETAG, 30).status == status
