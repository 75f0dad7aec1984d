"""A wall clock that a test sets, for processes of its own: `time.time` as it is seen there.

Python imports `sitecustomize` from PYTHONPATH before all else; what is put there reads from a file
by how much the clock is off.
"""

from pathlib import Path
from typing import Final

_SITE: Final = """
import time
from pathlib import Path

_true, _offset = time.time, Path({offset!r})


def _steered():
    return _true() + float(_offset.read_text())


time.time = _steered
"""


class SteeredClock:
    """The clock of processes with `environment`. It is right until it is set."""

    def __init__(self, folder: Path) -> None:
        self._offset = folder / "offset"
        self._site = folder / "site"
        self._site.mkdir()
        self.set(0)
        site = _SITE.format(offset=str(self._offset))
        (self._site / "sitecustomize.py").write_text(site)

    @property
    def environment(self) -> dict[str, str]:
        return {"PYTHONPATH": str(self._site)}

    def set(self, offset_s: float) -> None:
        """Let the clock be ahead by so much from now on."""
        new = self._offset.with_suffix(".new")
        new.write_text(str(offset_s))
        new.replace(self._offset)
