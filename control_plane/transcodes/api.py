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
from control_plane.accounts.permissions import IsAdmin
from control_plane.catalogue.selectors import access_own_video
from control_plane.idempotency.services import idempotent
from control_plane.openapi import document_refusals
from control_plane.transcodes import event_stream
from control_plane.transcodes.filters import JobFilter
from control_plane.transcodes.models import Priority, TranscodeChunk, TranscodeJob
from control_plane.transcodes.selectors import access_job, list_jobs
from control_plane.transcodes.serializers import (
    ChunkSerializer,
    JobDetailSerializer,
    JobSerializer,
    PriorityInput,
    RetryInput,
)
from control_plane.transcodes.services import (
    cancel_job,
    change_priority,
    check_queue,
    plan_only,
    retry_job,
    start_over,
    transcode_again,
)
from shared.jobs import UNFINISHED

QUEUE_FULL = document_refusals(
    {429: "`queue_full`: too many jobs are unfinished, of the creator or in all; `scope` says."}
)
NOT_RETRYABLE = document_refusals(
    {
        409: "`not_retryable`: it has not failed. `video_busy`: another job of the video goes on."
        " `superseded`: it was to renew an asset that the video does not play any more."
    }
)
NOT_CANCELLABLE = document_refusals({409: "`not_cancellable`: nobody is working on it."})
NO_SOURCE = document_refusals(
    {409: "`no_source`: nothing was uploaded yet. `video_busy`: a job of the video goes on."}
)
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

    @extend_schema(responses=JobDetailSerializer)
    def get(self, request: Request, job_id: UUID) -> Response:
        """Show a job, with its plan and the warnings about its asset."""
        job = access_job(require_caller(request), job_id)
        return Response(JobDetailSerializer(job, context={"request": request}).data)


class JobChunks(ListAPIView[TranscodeChunk]):
    """The parts of a job's work, for administrators."""

    queryset = TranscodeChunk.objects.none()
    serializer_class = ChunkSerializer
    permission_classes = (IsAdmin,)
    pagination_class = None
    filter_backends = ()

    def get_queryset(self) -> QuerySet[TranscodeChunk]:
        job = access_job(require_caller(self.request), self.kwargs["job_id"])
        return job.chunks.order_by("number")


class RetryJob(APIView):
    """Retrying."""

    @extend_schema(
        request=RetryInput, responses={200: JobSerializer, **NOT_RETRYABLE, **QUEUE_FULL}
    )
    def post(self, request: Request, job_id: UUID) -> Response:
        """Queue a failed or cancelled job again, for what is missing or, as a new job, for all."""
        caller, now = require_caller(request), timezone.now()
        job = access_job(caller, job_id)
        given = RetryInput(data=request.data)
        given.is_valid(raise_exception=True)
        check_queue(job.video.owner)
        if given.validated_data["from_start"]:
            return _show(request, start_over(job, user=caller, now=now))
        return _show(request, retry_job(job, now=now))


class JobPriority(APIView):
    """Priorities, for administrators."""

    permission_classes = (IsAdmin,)

    @extend_schema(request=PriorityInput, responses=JobSerializer)
    def post(self, request: Request, job_id: UUID) -> Response:
        """Have a job worked on before those of lower priority."""
        job = access_job(require_caller(request), job_id)
        given = PriorityInput(data=request.data)
        given.is_valid(raise_exception=True)
        priority = Priority[given.validated_data["priority"].upper()]
        return _show(request, change_priority(job, priority))


class CancelJob(APIView):
    """Cancelling."""

    @extend_schema(request=None, responses={200: JobSerializer, **NOT_CANCELLABLE})
    def post(self, request: Request, job_id: UUID) -> Response:
        """Stop a job that waits or runs."""
        job = access_job(require_caller(request), job_id)
        return _show(request, cancel_job(job, now=timezone.now()))


class TranscodeVideo(APIView):
    """Transcoding anew."""

    @extend_schema(request=None, responses={201: JobSerializer, **NO_SOURCE, **QUEUE_FULL})
    @idempotent
    def post(self, request: Request, video_id: UUID) -> Response:
        """Transcode the video's newest source again; the present asset is played until then."""
        caller, now = require_caller(request), timezone.now()
        video = access_own_video(caller, video_id, now=now)
        return _show_new(request, transcode_again(video, user=caller, now=now))


class PlanVideo(APIView):
    """Planning before paying."""

    @extend_schema(request=None, responses={201: JobSerializer, **NO_SOURCE, **QUEUE_FULL})
    @idempotent
    def post(self, request: Request, video_id: UUID) -> Response:
        """Plan what a transcode of the newest source would do, and do no more: a dry run, whose
        `plan` the job has when it is ready."""
        caller, now = require_caller(request), timezone.now()
        video = access_own_video(caller, video_id, now=now)
        return _show_new(request, plan_only(video, user=caller, now=now))


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


def _show(request: Request, job: TranscodeJob, *, status: int = HTTPStatus.OK) -> Response:
    return Response(JobSerializer(job, context={"request": request}).data, status=status)


def _show_new(request: Request, job: TranscodeJob) -> Response:
    return _show(request, job, status=HTTPStatus.CREATED)
