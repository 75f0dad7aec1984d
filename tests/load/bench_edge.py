"""The edge beside nginx, and beside itself: `make bench` runs this. See docs/benchmark.md."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests.load.bench import Bench
from tests.load.command import RESULTS, make_parser, parse, save
from tests.load.conditions import find_conditions
from tests.load.goals import goals_of
from tests.load.plan import PLAN, Row
from tests.load.plot import draw_lines
from tests.load.programs import ProgramMissing, find_nginx, find_wrk
from tests.load.progress import Progress
from tests.load.results import Line, RunFailed
from tests.load.table import EDGE_NOTE, render_table
from tests.services import remove_folder, serve_redis


def main() -> int:
    options = parse_options(sys.argv[1:])
    try:
        wrk, nginx = find_wrk(), find_nginx()
    except ProgramMissing as error:
        sys.stderr.write(f"{error}\n")
        return 1
    try:
        lines = _measure_rows(options, nginx=nginx, wrk=wrk)
    finally:
        remove_folder()
    conditions = find_conditions()
    save("edge", lines, options, conditions=conditions)
    draw_lines(lines, RESULTS / "edge.png")
    told = "".join(f"{condition}\n" for condition in conditions)
    sys.stdout.write(
        f"\n{render_table(lines, EDGE_NOTE)}\n{told}Written to {RESULTS}: edge.json, edge.png\n"
    )
    return 1 if any(line.complaint for line in lines) else 0


def parse_options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = make_parser(__doc__, rounds=5, seconds=2, of="a run")
    return parse(parser, arguments, rows=[row.name for row in PLAN])


def _measure_rows(options: argparse.Namespace, *, nginx: Path, wrk: Path) -> list[Line]:
    rows = [row for row in PLAN if row.name in options.rows]
    planned_s = sum(row.plan_s(rounds=options.rounds, seconds=options.seconds) for row in rows)
    with serve_redis() as redis_url:
        bench = Bench(
            nginx=nginx,
            wrk=wrk,
            redis_url=redis_url,
            rounds=options.rounds,
            seconds=options.seconds,
            progress=Progress(sys.stderr, planned_s),
        )
        return [line for row in rows for line in measure_row(bench, row)]


def measure_row(bench: Bench, row: Row) -> list[Line]:
    """A line for each goal of a row, in a folder that is removed afterwards. What fails spoils
    the lines that are not there yet, and no other row."""
    lines: list[Line] = []
    failure = "not measured"
    bench.progress.advance(row.around_s)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        try:
            for line in row.measure(replace(bench, folder=Path(folder))):
                lines.append(line)  # noqa: PERF402  (what came before a failure is kept)
        except (RunFailed, OSError) as error:
            failure = str(error)
    missing = goals_of(row.name)[len(lines) :]
    return lines + [Line(goal, (), failure) for goal in missing]


if __name__ == "__main__":
    sys.exit(main())
