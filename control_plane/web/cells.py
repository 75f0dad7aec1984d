"""Cells of the admin's lists: a poster, and how far a job or a video is.

They hold what is so when the page is made; the page's scripts keep jobs up to date and let the
buttons post.
"""

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from control_plane.catalogue.models import Video
from control_plane.transcodes.models import Stage, TranscodeJob
from control_plane.web.films import make_film
from shared.jobs import UNFINISHED, FailureReason, JobState, explain_failure


def render_poster(video: Video) -> SafeString:
    """A small poster that leads to the watch page."""
    film = make_film(video, now=timezone.now())
    return render_to_string("admin/cells/poster.html", {"film": film})


def render_job(job: TranscodeJob) -> SafeString:
    """A job's progress, with what can be done about it."""
    return _render(job, title=job.video.title)


def render_job_in_full(job: TranscodeJob) -> SafeString:
    """The same with each rung's progress, for a page of its own."""
    return _render(job, title=job.video.title, is_full=True)


def render_trial(job: TranscodeJob) -> SafeString:
    """A dry run's progress; when it is ready, the page has to be made anew to show its plan."""
    show = render_to_string("admin/cells/show_plan.html")
    return _render(job, title=f"the plan of {job.video.title}", more=show)


def render_video_state(video: Video, newest_job: TranscodeJob | None) -> SafeString | str:
    """Where a video stands between an empty draft and a published film."""
    is_published = video.published_at is not None and video.published_at <= timezone.now()
    if newest_job is None or (is_published and newest_job.state not in UNFINISHED):
        return "Published" if is_published else "No film yet"
    publish = render_to_string("admin/cells/publish.html", {"video": video})
    return _render(newest_job, title=video.title, more=publish)


def describe_job(job: TranscodeJob) -> str:
    """How far a job is, in the words that `job.js` uses."""
    match JobState(job.state):
        case JobState.QUEUED:
            return "Waiting for a worker"
        case JobState.RUNNING:
            return _describe_stage(job)
        case JobState.PUBLISHING:
            return "Publishing"
        case JobState.READY:
            return "Ready"
        case JobState.FAILED:
            return explain_failure(FailureReason(job.failure_reason))
        case JobState.CANCELLED:
            return "Cancelled"


def _describe_stage(job: TranscodeJob) -> str:
    percent = f"{int(job.fraction * 100)} %"
    match Stage(job.stage):
        case Stage.PLANNING:
            return "Planning"
        case Stage.ENCODING:
            return percent
        case Stage.PACKAGING:
            return f"Packaging, {percent}"


def _render(job: TranscodeJob, *, title: str, more: str = "", is_full: bool = False) -> SafeString:
    context = {
        "job_id": job.pk,
        "state": job.state,
        "fraction": f"{job.fraction:.4f}",
        "text": describe_job(job),
        "title": title,
        "more": more,
        "is_full": is_full,
        "rungs": [(height, f"{share:.4f}") for height, share in _sort_rungs(job)],
    }
    return render_to_string("admin/cells/job.html", context)


def _sort_rungs(job: TranscodeJob) -> list[tuple[str, float]]:
    return sorted(job.rungs.items(), key=lambda rung: int(rung[0]))
