"""Watching: signed URLs, and the sessions they began."""

from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from control_plane.accounts.callers import find_caller, require_caller
from control_plane.accounts.permissions import IsAdmin
from control_plane.idempotency.services import idempotent
from control_plane.openapi import document_refusals
from control_plane.playback.models import PlaybackSession
from control_plane.playback.serializers import (
    AnySessionSerializer,
    PlaybackRequestSerializer,
    PlaybackSerializer,
    SessionSerializer,
)
from control_plane.playback.services import start_playback


class StartPlayback(APIView):
    """Begin to watch a video."""

    permission_classes = (AllowAny,)

    @extend_schema(
        request=PlaybackRequestSerializer,
        responses={
            201: PlaybackSerializer,
            **document_refusals(
                {
                    401: "login_required: it is for members.",
                    403: "not_entitled: it was not granted to you.",
                    404: "not_found: no such video, or not published.",
                    409: "not_ready: it has no asset yet.",
                }
            ),
        },
    )
    @idempotent
    def post(self, request: Request, video_id: UUID) -> Response:
        """A URL that any player plays; visitors may watch what is free."""
        asked = PlaybackRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        playback = start_playback(
            find_caller(request), video_id, now=timezone.now(), **asked.validated_data
        )
        return Response(
            PlaybackSerializer(playback).data,
            status=status.HTTP_201_CREATED,
            headers={"Cache-Control": "no-store"},
        )


class MySessions(ListAPIView[PlaybackSession]):
    """What I watched, newest first."""

    queryset = PlaybackSession.objects.none()
    serializer_class = SessionSerializer

    def get_queryset(self) -> QuerySet[PlaybackSession]:
        mine = PlaybackSession.objects.filter(user=require_caller(self.request))
        return mine.select_related("video")


class SessionFilter(filters.FilterSet):
    """Sessions of one user, or of one video."""

    user = filters.UUIDFilter(field_name="user_id")
    video = filters.UUIDFilter(field_name="video_id")


class Sessions(ListAPIView[PlaybackSession]):
    """What everybody watched, newest first."""

    permission_classes = (IsAdmin,)
    queryset = PlaybackSession.objects.select_related("user", "video")
    serializer_class = AnySessionSerializer
    filterset_class = SessionFilter
