"""Jobs over HTTP."""

from http import HTTPStatus
from uuid import UUID

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from control_plane.accounts.callers import require_caller
from control_plane.openapi import document_refusals
from control_plane.transcodes import event_stream
from control_plane.transcodes.filters import JobFilter
from control_plane.transcodes.models import TranscodeJob
from control_plane.transcodes.selectors import access_job, list_jobs
from control_plane.transcodes.serializers import JobSerializer
from control_plane.transcodes.services import cancel_job, retry_job
from shared.jobs import UNFINISHED

NOT_RETRYABLE = document_refusals(
    {409: "`not_retryable`: it has not failed. `video_busy`: another job of the video goes on."}
)
NOT_CANCELLABLE = document_refusals({409: "`not_cancellable`: nobody is working on it."})
EVENTS = {
    (200, event_stream.CONTENT_TYPE): OpenApiResponse(
        str, description="Each event's data is a job as JSON; the last one is of a finished job."
    ),
    204: OpenApiResponse(description="The job is over, and this client has seen it before."),
}


class Jobs(ListAPIView[TranscodeJob]):
    """The transcode jobs of the caller's videos; all for an administrator."""

    queryset = TranscodeJob.objects.none()
    serializer_class = JobSerializer
    filterset_class = JobFilter

    def get_queryset(self) -> QuerySet[TranscodeJob]:
        return list_jobs(require_caller(self.request))


class JobDetail(APIView):
    """One job."""

    @extend_schema(responses=JobSerializer)
    def get(self, request: Request, job_id: UUID) -> Response:
        """Show a job."""
        return _show(request, access_job(require_caller(request), job_id))


class RetryJob(APIView):
    """Retrying."""

    @extend_schema(request=None, responses={200: JobSerializer, **NOT_RETRYABLE})
    def post(self, request: Request, job_id: UUID) -> Response:
        """Queue a failed or cancelled job again."""
        job = access_job(require_caller(request), job_id)
        return _show(request, retry_job(job, now=timezone.now()))


class CancelJob(APIView):
    """Cancelling."""

    @extend_schema(request=None, responses={200: JobSerializer, **NOT_CANCELLABLE})
    def post(self, request: Request, job_id: UUID) -> Response:
        """Stop a job that waits or runs."""
        job = access_job(require_caller(request), job_id)
        return _show(request, cancel_job(job, now=timezone.now()))


class EventRenderer(JSONRenderer):
    """Lets clients ask for events. A refusal is a problem body all the same."""

    media_type = event_stream.CONTENT_TYPE
    charset = "utf-8"


class JobEvents(APIView):
    """A job, live."""

    renderer_classes = (EventRenderer, JSONRenderer)

    @extend_schema(responses=EVENTS)
    def get(self, request: Request, job_id: UUID) -> HttpResponseBase:
        """Follow a job by server-sent events, until it is over."""
        job = access_job(require_caller(request), job_id)
        if job.state not in UNFINISHED and "Last-Event-ID" in request.headers:
            return Response(status=HTTPStatus.NO_CONTENT)  # browsers would come back for ever
        return event_stream.EventStream(job.pk)


def _show(request: Request, job: TranscodeJob) -> Response:
    return Response(JobSerializer(job, context={"request": request}).data)
