"""Parts of a film's page in the admin: its plan, what was found, its captions and its posters."""

from math import ceil
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from control_plane.catalogue.media import open_store
from control_plane.catalogue.models import Asset, Video
from control_plane.sidecars.serializers import describe_posters
from control_plane.transcodes.models import TranscodeJob
from control_plane.web.films import format_duration
from shared.paths import asset_report_key
from shared.report import Report, ReportInvalid, StreamFigures, parse_report
from shared.runtime.store.interface import ObjectMissing


def render_plan(
    job: TranscodeJob | None, *, video: Video | None = None, trial: str = ""
) -> SafeString:
    """What a job does, or did, and why; with a video also what can be had done with it, and a
    `trial`: how a dry run goes that has no plan yet."""
    plan = None if job is None else job.plan
    context: dict[str, Any] = {
        "plan": plan,
        "video_id": None if video is None else video.pk,
        "trial": trial,
    }
    if plan is not None:
        free_bytes = open_store().free_bytes()
        context |= {
            "duration": format_duration(plan["duration_ms"]),
            "minutes": ceil(plan["cpu_s_estimate"] / 60),
            "free_bytes": free_bytes,
            "is_short_of_room": free_bytes is not None and plan["disk_bytes_needed"] > free_bytes,
        }
    return render_to_string("admin/cells/plan.html", context)


def render_warnings(warnings: list[dict[str, str]]) -> SafeString:
    """What the check before publishing found that is no failure."""
    return render_to_string("admin/cells/warnings.html", {"warnings": warnings})


def render_figures(asset: Asset | None) -> SafeString:
    """What that check has measured of an asset, playlist by playlist."""
    report = None if asset is None else _find_report(asset)
    figures = () if report is None else map(_describe_figures, report.figures)
    return render_to_string("admin/cells/figures.html", {"figures": list(figures)})


def _find_report(asset: Asset) -> Report | None:
    try:
        return parse_report(open_store().get(asset_report_key(str(asset.pk))))
    except (ObjectMissing, ReportInvalid):
        return None


def _describe_figures(figures: StreamFigures) -> dict[str, Any]:
    return {
        **figures.model_dump(),
        "duration": format_duration(figures.duration_ms),
        "peak_kbps": ceil(figures.peak_bps / 1000),
        "average_kbps": ceil(figures.average_bps / 1000),
        "overhead": f"{figures.overhead_bytes / max(1, figures.size_bytes):.2%}",
    }


def render_captions(video: Video) -> SafeString:
    """The captions that came as files, with a place to add and to remove them."""
    context = {"video_id": video.pk, "captions": video.captions.order_by("id")}
    return render_to_string("admin/cells/captions.html", context)


def render_posters(video: Video) -> SafeString:
    """The pictures to choose a poster from."""
    context = {"video_id": video.pk, **describe_posters(video, now=timezone.now())}
    return render_to_string("admin/cells/posters.html", context)
