"""Captions: what SubRip and WebVTT files say is kept, and what is neither is refused."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.captions import (
    MAX_CAPTIONS_BYTES,
    Captions,
    CaptionsInvalid,
    Cue,
    parse_captions,
    render_webvtt,
)

SUBRIP = """1
00:00:01,000 --> 00:00:02,500
Hello
there

2
00:01:00,000 --> 00:01:01,250
Bye
"""
WEBVTT = """WEBVTT - a film
Kind: captions

STYLE
::cue { color: lime }

NOTE made by hand

intro
00:01.000 --> 00:02.500 line:0 align:start
<v Ada>Hello</v>
there

01:00:00.000 --> 01:00:01.250
Bye
"""


def parse(text: str) -> Captions:
    return parse_captions(text.encode())


def test_subrip_is_read() -> None:
    assert parse(SUBRIP).cues == (
        Cue(1_000, 2_500, "Hello\nthere"),
        Cue(60_000, 61_250, "Bye"),
    )


def test_webvtt_is_read() -> None:
    assert parse(WEBVTT) == Captions(
        cues=(
            Cue(1_000, 2_500, "<v Ada>Hello</v>\nthere", "line:0 align:start", "intro"),
            Cue(3_600_000, 3_601_250, "Bye"),
        ),
        blocks=("STYLE\n::cue { color: lime }",),
    )


@pytest.mark.parametrize("end", ["\r\n", "\r"], ids=["windows", "old-mac"])
@pytest.mark.parametrize("text", [SUBRIP, WEBVTT], ids=["subrip", "webvtt"])
def test_every_line_end_is_one(text: str, end: str) -> None:
    assert parse(text.replace("\n", end)) == parse(text)


@pytest.mark.parametrize(
    "content",
    [
        codecs.BOM_UTF8 + SUBRIP.encode(),
        codecs.BOM_UTF16_LE + SUBRIP.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + SUBRIP.encode("utf-16-be"),
    ],
    ids=["utf-8", "utf-16-le", "utf-16-be"],
)
def test_byte_order_mark_is_understood(content: bytes) -> None:
    assert parse_captions(content) == parse(SUBRIP)


def test_cues_are_put_in_order() -> None:
    first, second = SUBRIP.strip().split("\n\n")
    assert parse(f"{second}\n\n{first}\n") == parse(SUBRIP)


def test_empty_lines_in_subrip_text_do_not_end_it() -> None:
    assert parse(SUBRIP.replace("Hello\n", "Hello\n\n  \n")) == parse(SUBRIP)


@pytest.mark.parametrize("gap", ["", "\n\n"], ids=["none", "wide"])
def test_subrip_cues_need_no_neat_gap(gap: str) -> None:
    assert parse(SUBRIP.replace("\n\n", f"\n{gap}")) == parse(SUBRIP)


def test_subrip_needs_no_numbers() -> None:
    assert parse(SUBRIP.replace("1\n00", "00").replace("2\n00", "00")) == parse(SUBRIP)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<i>Soft</i> <B>loud</B>", "<i>Soft</i> <b>loud</b>"),
        ("<font color='#fff'>White</font>", "White"),
        ("1 < 2 & 3 > 2", "1 &lt; 2 &amp; 3 &gt; 2"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("fish &amp; chips", "fish &amp; chips"),
        ("{\\i1}Thought", "Thought"),
    ],
)
def test_subrip_markup_becomes_that_of_webvtt(written: str, shown: str) -> None:
    assert parse(f"1\n00:00:01,000 --> 00:00:02,000\n{written}\n").cues[0].text == shown


def test_subrip_text_at_the_top_stays_there() -> None:
    (cue,) = parse("1\n00:00:01,000 --> 00:00:02,000\n{\\an8}Up here\n").cues
    assert (cue.text, cue.settings) == ("Up here", "line:0")


@pytest.mark.parametrize("times", ["00:02.000 --> 00:02.000", "00:03.000 --> 00:02.000"])
def test_cue_that_is_never_seen_is_left_out(times: str) -> None:
    assert parse(f"{WEBVTT}\n{times}\nNever\n") == parse(WEBVTT)


@pytest.mark.parametrize(
    "times",
    [
        "00:01:00,000 -> 00:01:01,250",
        "00:01:00,000 - 00:01:01,250",
        "00:01:00,000 \N{EN DASH}> 00:01:01,250",
        "00:01:00:000 => 00:01:01:250",
    ],
)
def test_subrip_time_that_is_written_wrong_is_not_taken_for_text(times: str) -> None:
    with pytest.raises(CaptionsInvalid, match="Line 7 is no time of a caption"):
        parse(SUBRIP.replace("00:01:00,000 --> 00:01:01,250", times))


def test_time_in_mid_text_begins_no_cue() -> None:
    (cue,) = parse("WEBVTT\n\n00:01.000 --> 00:02.000\nsee 00:03.000 --> here\n").cues
    assert cue.text == "see 00:03.000 --&gt; here"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no captions"),
        (b"WEBVTT\n", "no captions"),
        (b"Just some text.\n", "no captions"),
        (b"\x00\x01\x02\xff", "UTF-8"),
        ("1\n00:00:01,000 --> 00:00:02,000\nGrüße\n".encode("latin-1"), "UTF-8"),
        (codecs.BOM_UTF16_LE + b"1", "UTF-8"),
        (b"1\n00:00:01,000 --> soon\nHello\n", "Line 2"),
        (b"1\n00:61:00,000 --> 01:00:00,000\nHello\n", "Line 2"),
        (b"WEBVTT\n\n1.000 --> 2.000\nHello\n", "Line 3"),
        (b"<html><!-- a page --></html>", "Line 1"),
        (b"x" * (MAX_CAPTIONS_BYTES + 1), "larger"),
        (b"00:01.000 --> 00:02.000\nx\n\n" * 50_001, "more than"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value[:12]!r}",
)
def test_file_that_is_none_is_refused_and_told_why(content: bytes, said: str) -> None:
    with pytest.raises(CaptionsInvalid, match=said):
        parse_captions(content)


def test_what_is_written_is_read_again() -> None:
    for text in (SUBRIP, WEBVTT):
        assert parse(render_webvtt(parse(text))) == parse(text)


def test_header_stands_below_the_signature() -> None:
    header = ["X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000"]
    written = render_webvtt(parse(SUBRIP), header=header)
    assert written.startswith(f"WEBVTT\n{header[0]}\n\n00:00:01.000 --> 00:00:02.500\nHello\n")
    assert parse(written) == parse(SUBRIP)


@given(
    text=st.text(
        alphabet=st.sampled_from(list("a1<>&{}\\/:.,-\n\r\t \0b\u2028")) | st.characters(),
        max_size=60,
    )
)
@pytest.mark.parametrize("signature", ["WEBVTT\n\n", ""], ids=["webvtt", "subrip"])
def test_any_text_is_read_as_it_is_then_written(signature: str, text: str) -> None:
    try:
        content = f"{signature}00:01.000 --> 00:02.000\n{text}".encode()
        captions = parse_captions(content)
    except (UnicodeEncodeError, CaptionsInvalid):
        return
    assert parse(render_webvtt(captions)) == captions
