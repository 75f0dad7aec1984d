"""A soak run as text."""

from collections.abc import Mapping

from tests.load.soak_samples import MEASURES, Run, Sample

_COLUMNS = ("", "at rest", "start", "middle", "end", "a minute", "at rest")


def render_run(run: Run) -> str:
    trends = run.find_trends()
    rows: list[tuple[str, ...]] = [_COLUMNS]
    for measure in MEASURES:
        trend = trends[measure.name]
        rest = [_format(measure.of(sample)) for sample in (run.before, run.after)]
        course = [_format(figure) for figure in (trend.start, trend.middle, trend.end)]
        rows.append((measure.name, rest[0], *course, f"{trend.per_minute:+.2f}", rest[1]))
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    lines = ["  ".join(_align(row, widths)).rstrip() for row in rows]
    return "\n".join([*lines, "", _describe_answers(run), *_describe_verdict(run)])


def _align(row: tuple[str, ...], widths: list[int]) -> list[str]:
    name, *figures = row
    return [name.ljust(widths[0])] + [
        figure.rjust(width) for figure, width in zip(figures, widths[1:], strict=True)
    ]


def _format(figure: float) -> str:
    return f"{figure:,.0f}"


def _describe_answers(run: Run) -> str:
    first, last = run.samples[0], run.samples[-1]
    seconds = last.at_s - first.at_s
    rate = (_count(last) - _count(first)) / seconds
    cores = (last.cpu_s - first.cpu_s) / seconds
    return f"{rate:.0f} answers a second with {cores:.2f} cores: {_list(run.after.statuses)}"


def _count(sample: Sample) -> int:
    return sum(sample.statuses.values())


def _list(statuses: Mapping[str, int]) -> str:
    return ", ".join(f"{status} {count:,} times" for status, count in statuses.items())


def _describe_verdict(run: Run) -> list[str]:
    return [f"FAULT: {fault}" for fault in run.find_faults()] or ["Nothing grows, nothing is left."]
