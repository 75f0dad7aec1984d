"""Captions as text: reading SubRip and WebVTT files, writing WebVTT (W3C Candidate Recommendation).

What is read is put in order: cues by their time, comments and the header's fields dropped. Text
is WebVTT cue text, so what SubRip writes otherwise is escaped or taken away on the way.

>>> captions = parse_captions(b"1\\n00:00:01,000 --> 00:00:02,500\\nYou & <font>me</font>")
>>> print(render_webvtt(captions), end="")
WEBVTT
<BLANKLINE>
00:00:01.000 --> 00:00:02.500
You &amp; me
"""

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

MAX_CAPTIONS_BYTES: Final = 4_000_000
MAX_CUES: Final = 50_000

_ARROW: Final = "-->"
_SIGNATURE: Final = re.compile(r"WEBVTT(?:[ \t].*)?")
_TIMING: Final = re.compile(
    r"\s*(?:(\d{1,3}):)?([0-5]\d):([0-5]\d)[.,](\d{3})"
    r"\s*-->\s*(?:(\d{1,3}):)?([0-5]\d):([0-5]\d)[.,](\d{3})(?:[ \t]+(.*))?\s*",
    re.ASCII,
)
_NEARLY_TIMING: Final = re.compile(
    r"\s*\d{1,3}:\d\d:\d\d[.,:]\d{1,3}\s*[-\u2013\u2014=]+>?\s*\d{1,3}:\d\d:\d\d\b.*", re.ASCII
)
_SUBRIP_NUMBER: Final = re.compile(r"\s*\d+\s*", re.ASCII)
_SUBRIP_OVERRIDE: Final = re.compile(r"\{\\[^}]*\}")
_SUBRIP_TOP: Final = re.compile(r"\{\\an[789]\}")
_SUBRIP_TAG: Final = re.compile(r"</?(?:font|span)\b[^>]*>", re.IGNORECASE)
_MARKUP: Final = re.compile(r"(</?[biu]>)", re.IGNORECASE)
_AMPERSAND: Final = re.compile(r"&(?!(?:amp|lt|gt|lrm|rlm|nbsp|#\d+|#x[0-9a-fA-F]+);)")
_BLOCKS: Final = ("STYLE", "REGION")
_TOP: Final = "line:0"


class CaptionsInvalid(ValueError):
    """A file that is neither SubRip nor WebVTT, or breaks its format. Says where."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A piece of text and when it is seen. `settings` is where, `name` what the file calls it."""

    start_ms: int
    end_ms: int
    text: str
    settings: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Captions:
    """Cues in the order of their time; `blocks` are WebVTT's STYLE and REGION, as they stand."""

    cues: tuple[Cue, ...]
    blocks: tuple[str, ...] = ()


def parse_captions(content: bytes) -> Captions:
    """Read a file; raises `CaptionsInvalid`, whose text is for the person who sent it."""
    if len(content) > MAX_CAPTIONS_BYTES:
        raise CaptionsInvalid(f"The file is larger than {MAX_CAPTIONS_BYTES} bytes.")
    lines = _split_lines(_decode(content))
    is_webvtt = bool(lines) and _SIGNATURE.fullmatch(lines[0]) is not None
    blocks = tuple(_find_blocks(lines)) if is_webvtt else ()
    cues = list(_read_webvtt(lines) if is_webvtt else _read_subrip(lines))
    if not cues:
        raise CaptionsInvalid("The file holds no captions: neither SubRip (SRT) nor WebVTT.")
    if len(cues) > MAX_CUES:
        raise CaptionsInvalid(f"The file holds more than {MAX_CUES} captions.")
    return Captions(tuple(sorted(cues, key=lambda cue: cue.start_ms)), blocks)


def render_webvtt(captions: Captions, *, header: Iterable[str] = ()) -> str:
    """The WebVTT file; `header` are lines below the signature, such as X-TIMESTAMP-MAP."""
    parts = ["\n".join(["WEBVTT", *header]), *captions.blocks, *map(_render_cue, captions.cues)]
    return "\n\n".join(parts) + "\n"


def escape_text(text: str) -> str:
    """Text as cue text: what would be markup or a time is written so that it is not."""
    return _AMPERSAND.sub("&amp;", text).replace("<", "&lt;").replace(">", "&gt;")


def _decode(content: bytes) -> str:
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise CaptionsInvalid("The text is not in UTF-8. Please save it so.") from error
    return text.replace("\0", "\ufffd")


def _split_lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _read_subrip(lines: Sequence[str]) -> Iterator[Cue]:
    """A cue reaches to the next one's number: some files have empty lines in mid-text. So a time
    that is written wrong would be shown as text of the cue before."""
    for number, line in enumerate(lines):
        if _ARROW not in line and _NEARLY_TIMING.fullmatch(line):
            raise _refuse_time(lines, number)
    starts = [number for number, line in enumerate(lines) if _ARROW in line]
    ends = [
        start - 1 if start and _SUBRIP_NUMBER.fullmatch(lines[start - 1]) else start
        for start in starts[1:]
    ]
    for start, end in zip(starts, [*ends, len(lines)], strict=False):
        raw = "\n".join(lines[start + 1 : end])
        settings = _TOP if _SUBRIP_TOP.search(raw) else ""
        start_ms, end_ms, _ = _read_timing(lines, start)
        yield from _make_cue(start_ms, end_ms, _convert_subrip(raw), settings=settings)


def _convert_subrip(raw: str) -> str:
    plain = _SUBRIP_TAG.sub("", _SUBRIP_OVERRIDE.sub("", raw))
    parts = _MARKUP.split(plain)
    return "".join(
        part.lower() if number % 2 else escape_text(part) for number, part in enumerate(parts)
    )


def _read_webvtt(lines: Sequence[str]) -> Iterator[Cue]:
    for start, end in _split_blocks(lines):
        timing = next((n for n in range(start, min(start + 2, end)) if _ARROW in lines[n]), None)
        if timing is not None:
            start_ms, end_ms, settings = _read_timing(lines, timing)
            text = "\n".join(lines[timing + 1 : end])
            name = lines[start] if timing > start else ""
            yield from _make_cue(start_ms, end_ms, text, settings=settings, name=name)


def _find_blocks(lines: Sequence[str]) -> Iterator[str]:
    """The styles and regions, which stand before the first cue."""
    for start, end in _split_blocks(lines):
        block = lines[start:end]
        if any(_ARROW in line for line in block):
            return
        if block[0].rstrip(" \t") in _BLOCKS:
            yield "\n".join(block)


def _split_blocks(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """From where to where each block reaches that empty lines set apart; not the header."""
    start = lines.index("") if "" in lines else len(lines)
    while start < len(lines):
        end = next((n for n in range(start, len(lines)) if not lines[n]), len(lines))
        if end > start:
            yield start, end
        start = end + 1


def _read_timing(lines: Sequence[str], number: int) -> tuple[int, int, str]:
    found = _TIMING.fullmatch(lines[number])
    if found is None:
        raise _refuse_time(lines, number)
    start, end, settings = found.groups()[:4], found.groups()[4:8], found.group(9)
    return _to_ms(start), _to_ms(end), (settings or "").strip()


def _refuse_time(lines: Sequence[str], number: int) -> CaptionsInvalid:
    return CaptionsInvalid(f"Line {number + 1} is no time of a caption: {lines[number][:80]!r}")


def _to_ms(parts: Sequence[str | None]) -> int:
    hours, minutes, seconds, milliseconds = (int(part or 0) for part in parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds


def _make_cue(
    start_ms: int, end_ms: int, text: str, *, settings: str, name: str = ""
) -> Iterator[Cue]:
    """None for what is never seen: without text, or for no time."""
    lines = text.replace(_ARROW, "--&gt;").split("\n")
    kept = "\n".join(line.rstrip() for line in lines if line.strip())
    if kept and end_ms > start_ms:
        yield Cue(start_ms, end_ms, kept, settings, name.strip())


def _render_cue(cue: Cue) -> str:
    timing = f"{_render_time(cue.start_ms)} {_ARROW} {_render_time(cue.end_ms)} {cue.settings}"
    return "\n".join([*([cue.name] if cue.name else []), timing.rstrip(), cue.text])


def _render_time(milliseconds: int) -> str:
    seconds, milliseconds = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}"
