"""Subtitle events as WebVTT cue text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.captions import parse_captions
from transcoder.text.ass_text import convert_event

HEAD = "0,0,Default,,0,0,0,,"


@pytest.mark.parametrize(
    ("written", "text"),
    [
        pytest.param("Hello, all", "Hello, all", id="plain, with a comma"),
        pytest.param(
            "one\\Ntwo\\nthree\\hfour", "one\ntwo\nthree\N{NO-BREAK SPACE}four", id="breaks"
        ),
        pytest.param("{\\i1}so{\\i0} it is", "<i>so</i> it is", id="slanted"),
        pytest.param("{\\i1}so", "<i>so</i>", id="never switched off"),
        pytest.param("{\\i1}a{\\b1}b{\\i0}c{\\b0}d", "<i>a<b>b</b></i><b>c</b>d", id="crossed"),
        pytest.param("{\\i1\\b1}a{\\r}b", "<i><b>a</b></i>b", id="reset"),
        pytest.param("{\\i1\\fad(200,200)\\c&HFF&}a", "<i>a</i>", id="with effects"),
        pytest.param("{\\b700}a{\\b}b", "<b>a</b>b", id="weights"),
        pytest.param("{\\bord3\\blur2\\iclip(1,2)}a", "a", id="what only looks alike"),
        pytest.param("a < b & c > d", "a &lt; b &amp; c &gt; d", id="marks"),
        pytest.param("{\\p1}m 0 0 l 100 0{\\p0}", "", id="a drawing"),
        pytest.param("{\\p1}m 0 0{\\p0}text", "text", id="a drawing and text"),
        pytest.param("{a note}text", "text", id="a note"),
        pytest.param(" \\N \\N", "", id="nothing to read"),
        pytest.param("a\\N\\Nb", "a\nb", id="an empty line, which would end the cue"),
        pytest.param("back\\slash {open", "back\\slash {open", id="lone marks"),
    ],
)
def test_events_become_cue_text(written: str, text: str) -> None:
    assert convert_event(HEAD + written)[0] == text


@pytest.mark.parametrize(
    ("written", "settings"),
    [
        ("{\\an8}up", "line:0"),
        ("{\\an7\\i1}up", "line:0"),
        ("{\\a6}up", "line:0"),
        ("{\\an2}down", ""),
        ("{\\alpha&H80&}down", ""),
        ("an8", ""),
    ],
)
def test_what_stands_at_the_top_stays_there(written: str, settings: str) -> None:
    assert convert_event(HEAD + written)[1] == settings


@given(st.text(st.sampled_from("ab<>&{}\\i1b0up-\n,N"), max_size=40))
def test_any_event_is_one_cue_or_none(written: str) -> None:
    text, _ = convert_event(HEAD + written)
    if text:
        cue = f"WEBVTT\n\n00:01.000 --> 00:02.000\n{text}\n"
        assert [cue.text for cue in parse_captions(cue.encode()).cues] == [text]
