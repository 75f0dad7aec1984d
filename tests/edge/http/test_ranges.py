"""Single byte ranges: a table, and a slow model that agrees on everything."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.http.ranges import RangeUnsatisfiable, Span, parse_range

SIZE = 100


@pytest.mark.parametrize(
    ("value", "span"),
    [
        pytest.param("bytes=0-0", Span(0, 1), id="the first byte"),
        pytest.param("bytes=0-", Span(0, 100), id="open, as ffmpeg asks"),
        pytest.param("bytes=10-19", Span(10, 20), id="closed"),
        pytest.param("bytes=99-", Span(99, 100), id="the last byte"),
        pytest.param("bytes=-1", Span(99, 100), id="a suffix"),
        pytest.param("bytes=-1000", Span(0, 100), id="a suffix longer than the file"),
        pytest.param("bytes=50-1000", Span(50, 100), id="past the end"),
        pytest.param("bytes=0-999999999999999999999999", Span(0, 100), id="24 digits"),
        pytest.param("BYTES=0-9", Span(0, 10), id="a unit in capitals"),
        pytest.param("bytes=0-9,", Span(0, 10), id="an empty list element"),
        pytest.param("bytes=, ,\t0-9", Span(0, 10), id="empty list elements before"),
        pytest.param("bytes=007-009", Span(7, 10), id="leading zeros"),
    ],
)
def test_a_range_selects(value: str, span: Span) -> None:
    assert parse_range(value, SIZE) == span


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="empty"),
        pytest.param("bytes", id="a unit only"),
        pytest.param("bytes=", id="no range"),
        pytest.param("bytes=-", id="a dash"),
        pytest.param("bytes=a-b", id="letters"),
        pytest.param("bytes=5-2", id="backwards"),
        pytest.param("bytes=500-200", id="backwards and past the end"),
        pytest.param("bytes=0-9,20-29", id="two ranges"),
        pytest.param("items=0-9", id="another unit"),
        pytest.param("bytes =0-9", id="a space before the sign"),
        pytest.param("bytes=0 -9", id="a space inside"),
        pytest.param("bytes=+0-9", id="a sign"),
        pytest.param("bytes=0-9-", id="a dash too many"),
        pytest.param("bytes=0x0-0x9", id="hexadecimal"),
        pytest.param("bytes=\u0660-\u0669", id="digits of another script"),
        pytest.param("bytes=0-" + "9" * 256, id="too long to be meant"),
        pytest.param("bytes=0-9\n", id="a line end"),
    ],
)
def test_what_is_no_single_range_is_ignored(value: str) -> None:
    assert parse_range(value, SIZE) is None


@pytest.mark.parametrize(
    "value", ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=" + "9" * 200 + "-"]
)
def test_a_range_without_a_byte_is_unsatisfiable(value: str) -> None:
    with pytest.raises(RangeUnsatisfiable):
        parse_range(value, SIZE)


@pytest.mark.parametrize("value", ["bytes=0-", "bytes=-1", "bytes=5-9"])
def test_every_range_of_an_empty_file_is_ignored(value: str) -> None:
    assert parse_range(value, 0) is None


def test_content_range_counts_inclusively() -> None:
    assert Span(10, 20).content_range(SIZE) == "bytes 10-19/100"
    assert Span(10, 20).length == 10


def model(value: str, size: int) -> list[int] | str:
    """The selected positions byte by byte, or what becomes of the header."""
    unit, sign, specs = value.partition("=")
    elements = [spec.strip(" \t") for spec in specs.split(",")]
    ranges = [spec for spec in elements if spec]
    if unit.lower() != "bytes" or not sign or len(ranges) != 1 or size == 0:
        return "ignored"
    if not re.fullmatch("[0-9]+-[0-9]*|-[0-9]+", ranges[0]):
        return "ignored"
    first, last = ranges[0].split("-")
    if not first:
        chosen = list(range(size))[-int(last) :] if int(last) else []
    elif last and int(last) < int(first):
        return "ignored"
    else:
        end = int(last) if last else size
        chosen = [position for position in range(size) if int(first) <= position <= end]
    return chosen or "unsatisfiable"


numbers = st.one_of(st.just(""), st.integers(0, 40).map(str), st.integers(0, 10**30).map(str))
specs = st.builds("{}{}{}".format, numbers, st.sampled_from(["-", "-", "-", "", "--"]), numbers)
headers = st.one_of(
    st.builds(
        "{}={}".format,
        st.sampled_from(["bytes", "bytes", "bytes", "Bytes", "items", ""]),
        st.lists(specs, max_size=3).map(", ".join),
    ),
    st.text(alphabet="bytes=0129-, \tx", max_size=20),
)


@given(headers, st.integers(0, 30))
def test_the_parser_agrees_with_a_slow_model(value: str, size: int) -> None:
    try:
        span = parse_range(value, size)
    except RangeUnsatisfiable:
        found: list[int] | str = "unsatisfiable"
    else:
        found = "ignored" if span is None else list(range(span.start, span.end))
    assert found == model(value, size)
