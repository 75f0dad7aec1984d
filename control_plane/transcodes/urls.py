"""Routes of transcodes."""

from django.urls import path

from control_plane.transcodes.api import (
    CancelJob,
    JobChunks,
    JobDetail,
    JobEvents,
    JobPriority,
    Jobs,
    PlanVideo,
    RetryJob,
    TranscodeVideo,
)

urlpatterns = [
    path("jobs", Jobs.as_view(), name="jobs"),
    path("jobs/<uuid:job_id>", JobDetail.as_view(), name="job"),
    path("jobs/<uuid:job_id>/chunks", JobChunks.as_view(), name="job-chunks"),
    path("jobs/<uuid:job_id>/retry", RetryJob.as_view(), name="retry-job"),
    path("jobs/<uuid:job_id>/cancel", CancelJob.as_view(), name="cancel-job"),
    path("jobs/<uuid:job_id>/priority", JobPriority.as_view(), name="job-priority"),
    path("jobs/<uuid:job_id>/events", JobEvents.as_view(), name="job-events"),
    path("videos/<uuid:video_id>/transcode", TranscodeVideo.as_view(), name="transcode-video"),
    path("videos/<uuid:video_id>/plan", PlanVideo.as_view(), name="plan-video"),
]
