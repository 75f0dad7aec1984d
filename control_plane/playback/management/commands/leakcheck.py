"""Ask the edge for every kind of file in every way that is not allowed: it may not give a byte."""

from collections.abc import Iterator
from http.client import HTTPException
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from control_plane.catalogue.models import Video
from control_plane.playback.forgeries import Attempt
from control_plane.playback.leakcheck import REVOKED_WITHIN_S, Report, Row, check_leaks
from shared.asset import AssetInvalid
from shared.runtime.store.interface import StoreError

_TIGHT: Final = "✓"
_LEAKS: Final = "LEAK"
_SENSELESS: Final = "–"  # noqa: RUF001  (a dash in a table)
_COLUMNS: Final = ("good token", *Attempt)
_MOST_LEAKS: Final = 40


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--video", type=UUID, help="whose files; the newest that has any")
        parser.add_argument("--edge", default=settings.CONFIG.edge_url, help="%(default)s")

    def handle(self, *_args: Any, **options: Any) -> None:
        video = _find_video(options["video"])
        try:
            report = check_leaks(
                str(video.pk), str(video.asset_id), edge_url=options["edge"], now=timezone.now()
            )
        except (StoreError, AssetInvalid) as error:
            raise CommandError(f"The asset of {video.pk} cannot be read: {error}") from error
        except (OSError, HTTPException) as error:
            raise CommandError(f"No answer from {options['edge']}: {error}") from error
        self.stdout.write("\n".join(render_report(report)))
        if not report.is_tight:
            raise CommandError("There are leaks.")


def _find_video(video_id: UUID | None) -> Video:
    videos = Video.objects.exclude(asset=None)
    if video_id is None:
        video = videos.exclude(published_at=None).first()
    else:
        video = videos.filter(pk=video_id).first()
    if video is None:
        raise CommandError("There is no such video with an asset: upload one, or name another.")
    return video


def render_report(report: Report) -> Iterator[str]:
    """A table of files and attempts, what leaked, and how long a revocation took."""
    width = max(len(row.exhibit.name) for row in report.rows)
    yield "  ".join(["file".ljust(width), *_COLUMNS])
    for row in report.rows:
        cells = [_mark(row, column).center(len(column)) for column in _COLUMNS]
        yield "  ".join([row.exhibit.name.ljust(width), *cells]).rstrip()
    yield ""
    leaks = list(_list_leaks(report))
    yield from leaks[:_MOST_LEAKS]
    if len(leaks) > _MOST_LEAKS:
        yield f"and {len(leaks) - _MOST_LEAKS} more"
    yield f"{report.requests} requests, at fault: {len(leaks)}. {_describe_revocation(report)}"


def _describe_revocation(report: Report) -> str:
    if report.revoked_after_s is None:
        return f"A revoked session still plays after {REVOKED_WITHIN_S} s."
    return f"A revoked session was refused after {report.revoked_after_s:.3f} s."


def _mark(row: Row, column: str) -> str:
    if column == _COLUMNS[0]:
        return "shut" if row.closed else _TIGHT
    leaks = row.leaks.get(Attempt(column))
    if leaks is None:
        return _SENSELESS
    return _LEAKS if leaks else _TIGHT


def _list_leaks(report: Report) -> Iterator[str]:
    """A line for each cell that is not as it should be."""
    for row in report.rows:
        for column, leaks in {_COLUMNS[0]: row.closed, **row.leaks}.items():
            if leaks:
                more = f", and {len(leaks) - 1} more" if len(leaks) > 1 else ""
                yield f"{row.exhibit.name}, {column}: {leaks[0]}{more}"
