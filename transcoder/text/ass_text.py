"""The text of a subtitle event as FFmpeg's decoders hand it on, whatever the track was coded in:
an ASS event, turned into WebVTT cue text. Slant, weight and underline are kept, and whether it
stands at the top; colours, fonts and drawings are not.
"""

import re
from collections.abc import Iterable
from typing import Final

from shared.captions import escape_text

TOP: Final = "line:0"

# ReadOrder, Layer, Style, Name, three margins and Effect come before the text.
_FIELDS_BEFORE: Final = 8
_PART: Final = re.compile(r"\{([^}]*)\}|(\\[Nnh])|([^{\\]+|.)", re.DOTALL)
_OVERRIDE: Final = re.compile(r"\\([ibu])(\d*)(?![a-z])|\\(r)|\\p(\d+)")
_AT_TOP: Final = re.compile(r"\{[^}]*\\an[789]\b[^}]*\}|\{[^}]*\\a(?:5|6|7)\b[^}]*\}")
_BREAKS: Final = {"\\N": "\n", "\\n": "\n", "\\h": "\N{NO-BREAK SPACE}"}


def convert_event(event: str) -> tuple[str, str]:
    """An event's cue text and cue settings; the text is empty where there is nothing to read."""
    text = event.split(",", _FIELDS_BEFORE)[-1]
    settings = TOP if _AT_TOP.search(text) else ""
    lines = (line.strip() for line in _Markup().convert(text).split("\n"))
    return "\n".join(line for line in lines if line), settings


class _Markup:
    """Keeps WebVTT's tags nested where ASS only switches."""

    def __init__(self) -> None:
        self._written: list[str] = []
        self._open: list[str] = []
        self._is_drawing = False

    def convert(self, text: str) -> str:
        for override, line_break, plain in _PART.findall(text):
            if override:
                self._switch(override)
            elif not self._is_drawing:
                self._written.append(_BREAKS.get(line_break) or escape_text(plain))
        self._close(())
        return "".join(self._written)

    def _switch(self, override: str) -> None:
        for letter, amount, reset, drawing in _OVERRIDE.findall(override):
            if reset:
                self._close(())
            elif drawing:
                self._is_drawing = drawing != "0"
            elif amount in ("", "0"):
                self._close([one for one in self._open if one != letter])
            elif letter not in self._open:
                self._begin(letter)

    def _begin(self, letter: str) -> None:
        self._open.append(letter)
        self._written.append(f"<{letter}>")

    def _close(self, kept: Iterable[str]) -> None:
        """Close the tags that are open down to the first that is not kept, and open the kept ones
        among them again."""
        wanted = list(kept)
        shared = 0
        while shared < len(wanted) and self._open[shared] == wanted[shared]:
            shared += 1
        while len(self._open) > shared:
            self._written.append(f"</{self._open.pop()}>")
        for letter in wanted[shared:]:
            self._begin(letter)
