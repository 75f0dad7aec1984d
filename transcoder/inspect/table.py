"""A report as text for a terminal."""

from collections.abc import Iterator, Sequence
from typing import Final

from shared.report import Finding, Report, StreamFigures

_HEAD: Final = (
    "playlist",
    "codecs",
    "picture",
    "length",
    "segments",
    "frames",
    "peak",
    "average",
    "overhead",
    "starts",
)


def render_report_table(report: Report) -> str:
    rows = [_HEAD, *map(_row, report.figures)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [_join(row, widths) for row in rows] if report.figures else []
    lines += _list_findings("failure", report.failures)
    lines += _list_findings("warning", report.warnings)
    lines.append(_sum_up(report))
    return "\n".join(lines) + "\n"


def _join(row: Sequence[str], widths: Sequence[int]) -> str:
    name, codecs, *rest = row
    cells = [name.ljust(widths[0]), codecs.ljust(widths[1])]
    cells += [text.rjust(width) for text, width in zip(rest, widths[2:], strict=True)]
    return "  ".join(cells).rstrip()


def _row(figures: StreamFigures) -> tuple[str, ...]:
    picture = ""
    if figures.width_px:
        picture = f"{figures.width_px}x{figures.height_px}@{figures.frame_rate}"
    starts = [
        f"{us / 1000:.1f}"
        for us in (figures.picture_starts_us, figures.sound_starts_us)
        if us is not None
    ]
    return (
        figures.name,
        figures.codecs,
        picture,
        f"{figures.duration_ms / 1000:.3f} s",
        str(figures.segments),
        str(figures.frames or ""),
        _kilobits(figures.peak_bps),
        _kilobits(figures.average_bps),
        f"{figures.overhead_bytes / figures.size_bytes:.2%}" if figures.overhead_bytes else "",
        f"{'/'.join(starts)} ms" if starts else "",
    )


def _kilobits(rate_bps: int) -> str:
    return f"{rate_bps / 1000:.0f} kb/s" if rate_bps else ""


def _list_findings(kind: str, findings: Sequence[Finding]) -> Iterator[str]:
    if findings:
        yield ""
    for finding in findings:
        yield f"{kind} {finding.rule}: {finding.name}: {finding.text}"


def _sum_up(report: Report) -> str:
    counts = (
        f"{len(found)} {noun}{'' if len(found) == 1 else 's'}"
        for noun, found in (("failure", report.failures), ("warning", report.warnings))
    )
    return "\n" + ", ".join(counts)
