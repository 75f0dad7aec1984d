"""What the benchmarks' commands have in common: their options, and the file of their results."""

import argparse
import json
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from tests.load.results import Line, describe_lines

RESULTS: Final = Path("build/bench")


def make_parser(
    description: str | None, *, rounds: int, seconds: int, of: str
) -> argparse.ArgumentParser:
    """With the number of rounds, and the seconds `of` something."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rounds", type=int, default=rounds, help="rounds of each line")
    parser.add_argument("--seconds", type=int, default=seconds, help=f"length of {of}")
    return parser


def parse(
    parser: argparse.ArgumentParser, arguments: Sequence[str], *, rows: Sequence[str] = ()
) -> argparse.Namespace:
    """The options, with `rows` chosen among these; what is none of them ends the program."""
    if rows:
        parser.add_argument(
            "--rows",
            type=lambda text: text.split(","),
            default=list(rows),
            help=f"which to measure, separated by commas: {', '.join(rows)}",
        )
    options = parser.parse_args(arguments)
    if unknown := set(getattr(options, "rows", ())) - set(rows):
        parser.error(f"no such rows: {', '.join(sorted(unknown))}")
    if options.rounds < 1 or options.seconds < 1:
        parser.error("at least one round of at least one second")
    return options


def save(name: str, lines: Sequence[Line], options: argparse.Namespace, **facts: Any) -> None:
    """Keep the lines, and where and how they were measured, as JSON."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    document = {
        "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "rounds": options.rounds,
        "seconds": options.seconds,
        "lines": describe_lines(lines),
        **facts,
    }
    (RESULTS / f"{name}.json").write_text(json.dumps(document, indent=1))
