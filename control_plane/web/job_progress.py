"""How a job's progress looks in the admin, before the page's script keeps it up to date."""

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from control_plane.transcodes.models import TranscodeJob
from shared.jobs import FailureReason, JobState, explain_failure


def render_progress(job: TranscodeJob) -> SafeString:
    """A progress bar and a sentence; `job.js` writes the same sentences."""
    return render_to_string("web/job_progress.html", {"job": job, "text": describe_job(job)})


def describe_job(job: TranscodeJob) -> str:
    """How far a job is, in words."""
    match JobState(job.state):
        case JobState.QUEUED:
            return "Waiting for a worker"
        case JobState.RUNNING:
            return f"{int(job.fraction * 100)} %"
        case JobState.PUBLISHING:
            return "Publishing"
        case JobState.READY:
            return "Ready"
        case JobState.FAILED:
            return explain_failure(FailureReason(job.failure_reason))
        case JobState.CANCELLED:
            return "Cancelled"
