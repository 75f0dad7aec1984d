"""The transcoder beside ffmpeg and Shaka Packager: `make bench-transcode` runs this. See
docs/benchmark.md."""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tests.load.progress import Progress
from tests.load.results import Line, RunFailed, describe_lines
from tests.load.table import render_table
from tests.load.transcode.bench import Bench
from tests.load.transcode.goals import goals_of
from tests.load.transcode.rows import PLAN, Row

RESULTS: Final = Path("build/bench")

_NOTE: Final = """\
figure: ours divided by the other's, median of the rounds' ratios; ours where it stands alone.
others: cores that other programs kept busy meanwhile; from 0.1 on, measure again in peace."""


def main() -> int:
    options = parse_options(sys.argv[1:])
    rows = [row for row in PLAN if row.name in options.rows]
    progress = Progress(sys.stderr, sum(row.plan_s(options.rounds) for row in rows))
    with tempfile.TemporaryDirectory(prefix="bench-transcode-") as folder:
        bench = Bench(Path(folder), options.rounds, options.seconds, progress)
        lines = [line for row in rows for line in measure_row(bench, row)]
    _save(lines, options, bench.remarks)
    table = render_table(lines, "\n".join([_NOTE, *bench.remarks]))
    sys.stdout.write(f"\n{table}\nWritten to {RESULTS}: transcode.json\n")
    return 1 if any(line.complaint for line in lines) else 0


def parse_options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    names = [row.name for row in PLAN]
    parser.add_argument(
        "--rows",
        type=lambda text: text.split(","),
        default=names,
        help=f"which to measure, separated by commas: {', '.join(names)}",
    )
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each line")
    parser.add_argument("--seconds", type=int, default=20, help="length of the ladder's film")
    options = parser.parse_args(arguments)
    if unknown := set(options.rows) - set(names):
        parser.error(f"no such rows: {', '.join(sorted(unknown))}")
    if options.rounds < 1 or options.seconds < 1:
        parser.error("at least one round of at least one second")
    return options


def measure_row(bench: Bench, row: Row) -> list[Line]:
    """A line for each goal of a row. What fails spoils the lines that are not there yet, and no
    other row."""
    lines: list[Line] = []
    failure = "not measured"
    bench.progress.tell(row.name)
    try:
        for line in row.measure(bench):
            lines.append(line)  # noqa: PERF402  (what came before a failure is kept)
    except (RunFailed, OSError, ValueError) as error:
        failure = str(error)
    bench.progress.advance(row.plan_s(bench.rounds))
    return lines + [Line(goal, (), failure) for goal in goals_of(row.name)[len(lines) :]]


def _save(lines: Sequence[Line], options: argparse.Namespace, remarks: Sequence[str]) -> None:
    RESULTS.mkdir(parents=True, exist_ok=True)
    document = {
        "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "rounds": options.rounds,
        "seconds": options.seconds,
        "lines": describe_lines(lines),
        "remarks": list(remarks),
    }
    (RESULTS / "transcode.json").write_text(json.dumps(document, indent=1))


if __name__ == "__main__":
    sys.exit(main())
