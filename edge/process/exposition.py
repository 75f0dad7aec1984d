"""The metrics of several workers as one text, in Prometheus's text format. Pure.

Every sample gets the label `worker`, so that no two workers write the same series: counters then
add up whatever becomes of one of them, since Prometheus notices a reset series by series.
"""

import re
from collections.abc import Mapping
from typing import Final

_SAMPLE: Final = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?!\})|\{\}| )")
_META: Final = re.compile(r"# (?:HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) ")


class ExpositionInvalid(ValueError):
    """A text that is not in the format."""


def merge_expositions(texts: Mapping[str, str]) -> str:
    """The families of all `texts`, which stand under their workers' names. A family's lines stay
    together, its HELP and TYPE come once. Raises `ExpositionInvalid`."""
    families: dict[str, dict[str, None]] = {}
    for worker, text in texts.items():
        family: dict[str, None] = {}
        for line in text.split("\n"):
            meta = _META.match(line)
            if meta:
                family = families.setdefault(meta[1], {})
                family[line] = None
            elif line:
                family[_label(line, worker)] = None
    return "".join(f"{line}\n" for family in families.values() for line in family)


def _label(line: str, worker: str) -> str:
    sample = _SAMPLE.match(line)
    if sample is None:
        raise ExpositionInvalid(f"neither a sample nor a family: {line[:64]!r}")
    rest = line[sample.end() :]
    label = f'{sample[1]}{{worker="{worker}"'
    return f"{label},{rest}" if sample[2] == "{" else f"{label}}} {rest.lstrip()}"
