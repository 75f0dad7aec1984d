"""The transcoder beside ffmpeg and Shaka Packager: `make bench-transcode` runs this. See
docs/benchmark.md."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.load.command import RESULTS, make_parser, parse, save
from tests.load.progress import Progress
from tests.load.results import Line, RunFailed
from tests.load.table import render_table
from tests.load.transcode.bench import Bench
from tests.load.transcode.goals import goals_of
from tests.load.transcode.rows import PLAN, Row

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
    save("transcode", lines, options, remarks=list(bench.remarks))
    table = render_table(lines, "\n".join([_NOTE, *bench.remarks]))
    sys.stdout.write(f"\n{table}\nWritten to {RESULTS}: transcode.json\n")
    return 1 if any(line.complaint for line in lines) else 0


def parse_options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = make_parser(__doc__, rounds=3, seconds=20, of="the ladder's film")
    return parse(parser, arguments, rows=[row.name for row in PLAN])


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


if __name__ == "__main__":
    sys.exit(main())
