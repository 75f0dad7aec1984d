"""Videos over HTTP."""

from http import HTTPStatus
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from control_plane.accounts.callers import find_caller, require_caller
from control_plane.accounts.permissions import IsCreator
from control_plane.catalogue.filters import VideoFilter
from control_plane.catalogue.models import Video
from control_plane.catalogue.selectors import access_own_video, access_video, list_videos
from control_plane.catalogue.serializers import (
    PublishInput,
    VideoChange,
    VideoInput,
    VideoSerializer,
)
from control_plane.catalogue.services import (
    change_video,
    create_video,
    delete_video,
    publish_video,
    unpublish_video,
)
from control_plane.catalogue.slugs import find_by_slug
from control_plane.idempotency.services import idempotent
from control_plane.openapi import document_refusals
from control_plane.paging import ByChoice

NOT_READY = document_refusals({409: "`not_ready`: there is no finished transcode yet."})

SLUG_TAKEN = document_refusals({409: "`slug_taken`: it leads, or led, to something else."})


class Videos(ListAPIView[Video]):
    """The videos that the caller may watch, and their own."""

    serializer_class = VideoSerializer
    filterset_class = VideoFilter
    pagination_class = ByChoice

    def get_permissions(self) -> list[BasePermission]:
        return [IsCreator()] if self.request.method == "POST" else [AllowAny()]

    def get_queryset(self) -> QuerySet[Video]:
        return list_videos(find_caller(self.request), now=timezone.now())

    @extend_schema(request=VideoInput, responses={201: VideoSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Create a video, as a draft without a source."""
        given = VideoInput(data=request.data)
        given.is_valid(raise_exception=True)
        video = create_video(require_caller(request), **given.validated_data)
        return _show(request, video.pk, status=HTTPStatus.CREATED)


class VideoDetail(APIView):
    """One video."""

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny()] if self.request.method == "GET" else [IsAuthenticated()]

    @extend_schema(responses=VideoSerializer)
    def get(self, request: Request, video_id: UUID) -> Response:
        """Show a video."""
        return _show(request, video_id)

    @extend_schema(request=VideoChange, responses={200: VideoSerializer, **SLUG_TAKEN})
    def patch(self, request: Request, video_id: UUID) -> Response:
        """Change what is said of a video."""
        video = _own(request, video_id)
        given = VideoChange(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        change_video(video, now=timezone.now(), **given.validated_data)
        return _show(request, video_id)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, video_id: UUID) -> Response:
        """Delete a video, its sources and its assets."""
        delete_video(_own(request, video_id), now=timezone.now())
        return Response(status=HTTPStatus.NO_CONTENT)


class VideoBySlug(APIView):
    """One video, by its name in addresses."""

    permission_classes = (AllowAny,)

    @extend_schema(
        responses={
            200: VideoSerializer,
            308: OpenApiResponse(description="It is called otherwise."),
        }
    )
    def get(self, request: Request, slug: str) -> Response:
        """Show a video by its slug; a former one leads on to the present."""
        found = find_by_slug(Video, slug)
        video = access_video(find_caller(request), found.pk, now=timezone.now())
        if video.slug != slug:
            address = reverse("video-by-slug", args=[video.slug])
            return Response(status=HTTPStatus.PERMANENT_REDIRECT, headers={"Location": address})
        return Response(VideoSerializer(video, context={"request": request}).data)


class PublishVideo(APIView):
    """Publishing."""

    @extend_schema(request=PublishInput, responses={200: VideoSerializer, **NOT_READY})
    def post(self, request: Request, video_id: UUID) -> Response:
        """Show the video to those it is meant for, now or from `at` on, for good or `until`."""
        video = _own(request, video_id)
        given = PublishInput(data=request.data)
        given.is_valid(raise_exception=True)
        publish_video(video, now=timezone.now(), **given.validated_data)
        return _show(request, video_id)


class UnpublishVideo(APIView):
    """Unpublishing."""

    @extend_schema(request=None, responses=VideoSerializer)
    def post(self, request: Request, video_id: UUID) -> Response:
        """Make the video a draft, which only its owner sees; whoever watches it has to stop."""
        unpublish_video(_own(request, video_id), now=timezone.now())
        return _show(request, video_id)


def _own(request: Request, video_id: UUID) -> Video:
    return access_own_video(require_caller(request), video_id, now=timezone.now())


def _show(request: Request, video_id: UUID, *, status: int = HTTPStatus.OK) -> Response:
    video = access_video(find_caller(request), video_id, now=timezone.now())
    return Response(VideoSerializer(video, context={"request": request}).data, status=status)
