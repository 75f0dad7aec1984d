"""Routes of transcodes."""

from django.urls import path

from control_plane.transcodes.api import CancelJob, JobDetail, JobEvents, Jobs, RetryJob

urlpatterns = [
    path("jobs", Jobs.as_view(), name="jobs"),
    path("jobs/<uuid:job_id>", JobDetail.as_view(), name="job"),
    path("jobs/<uuid:job_id>/retry", RetryJob.as_view(), name="retry-job"),
    path("jobs/<uuid:job_id>/cancel", CancelJob.as_view(), name="cancel-job"),
    path("jobs/<uuid:job_id>/events", JobEvents.as_view(), name="job-events"),
]
