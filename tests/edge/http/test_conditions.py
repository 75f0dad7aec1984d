"""Preconditions in the order of RFC 9110 section 13.2.2, and If-Range."""

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from edge.http.conditions import Precondition, check_preconditions, select_span
from edge.http.ranges import RangeUnsatisfiable, Span

ETAG = '"kmmwndcr6QRgs47R7nw9_Q"'
OTHER = '"AAAAAAAAAAAAAAAAAAAAAA"'
DATE = "Fri, 20 Nov 2026 16:50:12 GMT"

PASSED, NOT_MODIFIED, FAILED = Precondition


def read(*fields: tuple[str, str]) -> CIMultiDictProxy[str]:
    return CIMultiDictProxy(CIMultiDict(fields))


@pytest.mark.parametrize(
    ("value", "outcome"),
    [
        pytest.param(ETAG, PASSED, id="the tag"),
        pytest.param("*", PASSED, id="anything"),
        pytest.param(f"{OTHER}, {ETAG}", PASSED, id="in a list"),
        pytest.param(f", ,{OTHER} ,\t{ETAG},", PASSED, id="in a ragged list"),
        pytest.param(f'"with,comma", {ETAG}', PASSED, id="behind a comma in a tag"),
        pytest.param(OTHER, FAILED, id="another tag"),
        pytest.param(f"W/{ETAG}", FAILED, id="the tag made weak"),
        pytest.param(ETAG.strip('"'), FAILED, id="without quotes"),
        pytest.param("", FAILED, id="nothing"),
        pytest.param(f"{ETAG} {OTHER}", FAILED, id="without a comma"),
        pytest.param(f"{ETAG}, *", FAILED, id="a star in a list"),
        pytest.param(f"w/{ETAG}", FAILED, id="a small w"),
    ],
)
def test_if_match_compares_strongly(value: str, outcome: Precondition) -> None:
    assert check_preconditions(read(("If-Match", value)), ETAG) is outcome


@pytest.mark.parametrize(
    ("value", "outcome"),
    [
        pytest.param(ETAG, NOT_MODIFIED, id="the tag"),
        pytest.param(f"W/{ETAG}", NOT_MODIFIED, id="the tag made weak"),
        pytest.param("*", NOT_MODIFIED, id="anything"),
        pytest.param(f"{OTHER},W/{ETAG}", NOT_MODIFIED, id="in a list"),
        pytest.param(OTHER, PASSED, id="another tag"),
        pytest.param(ETAG.strip('"'), PASSED, id="without quotes"),
        pytest.param("", PASSED, id="nothing"),
        pytest.param(ETAG.replace("k", "K"), PASSED, id="another case"),
    ],
)
def test_if_none_match_compares_weakly(value: str, outcome: Precondition) -> None:
    assert check_preconditions(read(("If-None-Match", value)), ETAG) is outcome


def test_several_fields_are_one_list() -> None:
    assert (
        check_preconditions(read(("If-None-Match", OTHER), ("If-None-Match", ETAG)), ETAG)
        is NOT_MODIFIED
    )
    assert check_preconditions(read(("If-Match", OTHER), ("If-Match", ETAG)), ETAG) is PASSED


def test_no_tag_spans_two_fields() -> None:
    fields = read(("If-None-Match", '"'), ("If-None-Match", '"'))
    assert check_preconditions(fields, '","') is PASSED


def test_a_failed_if_match_goes_before_if_none_match() -> None:
    fields = read(("If-None-Match", ETAG), ("If-Match", OTHER))
    assert check_preconditions(fields, ETAG) is FAILED


def test_if_none_match_counts_behind_a_passed_if_match() -> None:
    fields = read(("If-Match", ETAG), ("If-None-Match", ETAG))
    assert check_preconditions(fields, ETAG) is NOT_MODIFIED


@pytest.mark.parametrize("name", ["If-Modified-Since", "If-Unmodified-Since"])
def test_dates_are_ignored_where_there_is_no_modification_date(name: str) -> None:
    assert check_preconditions(read((name, DATE)), ETAG) is PASSED


@pytest.mark.parametrize(
    ("fields", "span"),
    [
        pytest.param([("Range", "bytes=0-9")], Span(0, 10), id="a range alone"),
        pytest.param([("Range", "bytes=0-9"), ("If-Range", ETAG)], Span(0, 10), id="the tag"),
        pytest.param([("Range", "bytes=0-9"), ("If-Range", OTHER)], None, id="another tag"),
        pytest.param([("Range", "bytes=0-9"), ("If-Range", f"W/{ETAG}")], None, id="a weak tag"),
        pytest.param([("Range", "bytes=0-9"), ("If-Range", DATE)], None, id="a date"),
        pytest.param([("Range", "bytes=0-9"), ("If-Range", "")], None, id="an empty If-Range"),
        pytest.param([("If-Range", ETAG)], None, id="If-Range alone"),
        pytest.param(
            [("Range", "bytes=0-9"), ("If-Range", ETAG), ("If-Range", ETAG)],
            None,
            id="two If-Ranges",
        ),
        pytest.param([("Range", "bytes=0-9"), ("Range", "bytes=0-9")], None, id="two Ranges"),
        pytest.param([], None, id="nothing"),
    ],
)
def test_range_and_if_range_select(fields: list[tuple[str, str]], span: Span | None) -> None:
    assert select_span(read(*fields), ETAG, 100) == span


def test_an_unsatisfiable_range_is_ignored_when_if_range_does_not_hold() -> None:
    fields = [("Range", "bytes=100-")]
    with pytest.raises(RangeUnsatisfiable):
        select_span(read(*fields), ETAG, 100)
    assert select_span(read(*fields, ("If-Range", OTHER)), ETAG, 100) is None
