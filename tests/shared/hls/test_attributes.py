"""Attribute lists and lines: what is read, and what is damage."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.hls.attributes import (
    Attributes,
    PlaylistInvalid,
    check_uri,
    parse_attributes,
    parse_decimal,
    parse_integer,
    quote,
    read_lines,
    render_attributes,
    yes,
)

names = st.text("ABCXYZ0189-", min_size=1, max_size=8)
quoted_values = st.text(
    st.characters(exclude_characters='"', exclude_categories=["Cc", "Cs"]), max_size=12
).map('"{}"'.format)
bare_values = st.text("abcXYZ019.-x@/=", min_size=1, max_size=12)


@given(attributes=st.dictionaries(names, quoted_values | bare_values, max_size=5))
def test_attributes_written_are_attributes_read(attributes: dict[str, str]) -> None:
    assert parse_attributes(render_attributes(dict(attributes))) == attributes


def test_commas_in_quotes_do_not_end_an_attribute() -> None:
    assert parse_attributes('CODECS="avc1,mp4a",A=1') == {"CODECS": '"avc1,mp4a"', "A": "1"}


def test_absent_attributes_are_left_out() -> None:
    assert render_attributes({"A": "1", "B": None, "C": '"x"'}) == 'A=1,C="x"'


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("A", id="no value"),
        pytest.param("A=", id="empty value"),
        pytest.param("=1", id="no name"),
        pytest.param("a=1", id="lower case"),
        pytest.param("A=1,", id="comma at the end"),
        pytest.param(",A=1", id="comma at the front"),
        pytest.param("A=1,,B=2", id="doubled comma"),
        pytest.param("A=1, B=2", id="space after a comma"),
        pytest.param("A= 1", id="space before a value"),
        pytest.param("A=1 2", id="space in a value"),
        pytest.param('A="x', id="open quotes"),
        pytest.param('A="x"y', id="text after quotes"),
        pytest.param('A=x"y"', id="quotes in a bare value"),
        pytest.param("A=1,A=2", id="a name twice"),
        pytest.param("\u0391=1", id="a letter that only looks right"),
    ],
)
def test_other_list_is_refused(text: str) -> None:
    with pytest.raises(PlaylistInvalid):
        parse_attributes(text)


READ = Attributes(Q='"text"', N="12", D="29.97", R="1280x720", Y="YES", X="NO", E="VOD", U='"a/b"')


def test_attributes_are_read_by_their_type() -> None:
    assert READ.quoted("Q") == "text"
    assert READ.integer("N") == 12
    assert READ.decimal("D") == Decimal("29.97")
    assert READ.resolution("R") == (1280, 720)
    assert (READ.flag("Y"), READ.flag("X"), READ.flag("NONE")) == (True, False, False)
    assert READ.enumerated("E") == "VOD"
    assert READ.uri("U") == "a/b"


def test_absent_attributes_read_as_none() -> None:
    readers = (READ.quoted, READ.integer, READ.decimal, READ.resolution, READ.enumerated, READ.uri)
    assert [read("NONE") for read in readers] == [None] * 6


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("quoted", "bare"),
        ("uri", "bare"),
        ("uri", '"two words"'),
        ("enumerated", '"quoted"'),
        ("integer", "1.0"),
        ("integer", "-1"),
        ("integer", "+1"),
        ("integer", "1_000"),
        ("integer", "\u0661"),
        ("integer", "1" * 21),
        ("integer", '"1"'),
        ("decimal", "-1"),
        ("decimal", "1."),
        ("decimal", ".5"),
        ("decimal", "1e3"),
        ("decimal", "NaN"),
        ("decimal", "1" * 13),
        ("resolution", "1280*720"),
        ("resolution", "1280x"),
        ("resolution", "123456x1"),
        ("resolution", "1280X720"),
        ("flag", "yes"),
        ("flag", "TRUE"),
        ("flag", '"YES"'),
    ],
)
def test_value_of_another_type_is_refused(kind: str, value: str) -> None:
    with pytest.raises(PlaylistInvalid):
        getattr(Attributes(A=value), kind)("A")


@pytest.mark.parametrize("text", ['say "hi"', "two\nlines", "two\rlines"])
def test_text_that_would_end_its_quotes_is_refused(text: str) -> None:
    with pytest.raises(PlaylistInvalid):
        quote(text)


def test_quotes_and_flags_are_left_out_with_their_value() -> None:
    assert (quote("a"), quote(None), yes(True), yes(False)) == ('"a"', None, "YES", None)


@pytest.mark.parametrize("uri", ["a", "../a/b.m4s?x=y#z", "https://x.example/a", "data:,x", "!"])
def test_uri_is_taken(uri: str) -> None:
    assert check_uri(uri) == uri


@pytest.mark.parametrize("uri", ["", " a", "a ", "a b", "#a", '"a"', "a\n", "\u00e9", "a\u2028b"])
def test_other_text_is_no_uri(uri: str) -> None:
    with pytest.raises(PlaylistInvalid):
        check_uri(uri)


def test_numbers_are_read() -> None:
    assert parse_integer("007") == 7
    assert parse_decimal("6.006") == Decimal("6.006")


LINES = "#EXTM3U\n#EXT-X-VERSION:7\n\n# comment\n#EXTINF:6,\na.m4s\n"


@pytest.mark.parametrize(
    "text", [LINES, LINES.replace("\n", "\r\n"), LINES.rstrip("\n")], ids=["LF", "CRLF", "cut end"]
)
def test_lines_are_told_apart(text: str) -> None:
    assert list(read_lines(text)) == [("EXT-X-VERSION", "7"), ("EXTINF", "6,"), ("", "a.m4s")]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("#EXTINF:6,\na.m4s\n", id="another first line"),
        pytest.param(" #EXTM3U\n", id="space before"),
        pytest.param("#EXTM3U8\n", id="longer first line"),
        pytest.param("\n#EXTM3U\n", id="empty line before"),
        pytest.param("\ufeff#EXTM3U\n", id="byte order mark"),
        pytest.param("#EXTM3U\r#EXT-X-VERSION:7\r", id="CR alone"),
        pytest.param("#EXTM3U\na\tb\n", id="tab"),
        pytest.param("#EXTM3U\na\0\n", id="NUL"),
        pytest.param("#EXTM3U\n#x\u0085y\n", id="C1 control"),
        pytest.param("#EXTM3U\n \n", id="line of spaces"),
        pytest.param("#EXTM3U\na b.m4s\n", id="URI with a space"),
    ],
)
def test_other_text_is_no_playlist(text: str) -> None:
    with pytest.raises(PlaylistInvalid):
        list(read_lines(text))
