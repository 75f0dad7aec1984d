"""Watching: signed URLs, and the sessions they began."""

from collections.abc import Callable
from functools import partial
from typing import Final
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
from control_plane.accounts.permission_names import Permission
from control_plane.accounts.permissions import holds
from control_plane.accounts.services import access_user, log_out_everywhere
from control_plane.activity.models import Kind
from control_plane.activity.services import note, note_deed
from control_plane.catalogue.selectors import access_video
from control_plane.entitlements.places import find_place
from control_plane.idempotency.services import idempotent
from control_plane.openapi import document_refusals
from control_plane.playback.issuing import Playback
from control_plane.playback.models import PlaybackSession
from control_plane.playback.selectors import (
    access_held_session,
    access_own_session,
    access_session,
    list_sessions,
    running,
)
from control_plane.playback.serializers import (
    AnySessionSerializer,
    PlaybackRequestSerializer,
    PlaybackSerializer,
    RenewalRequestSerializer,
    SessionSerializer,
    SharedRequestSerializer,
    TakeDownSerializer,
)
from control_plane.playback.services import (
    end_all_sessions,
    end_session,
    renew_playback,
    start_lecture,
    start_playback,
    start_shared,
)
from control_plane.playback.take_downs import lift_take_down, take_down

NOT_ALLOWED = document_refusals(
    {
        401: "login_required: it is for members.",
        403: "not_entitled, premium_required, address_refused: `decision_id` finds the reasons.",
        404: "not_found: no such video, or none that you may know of.",
        409: "not_ready: it has no asset yet.",
        410: "taken_down: an administrator took it down.",
    }
)
NOT_SHARED = document_refusals(
    {
        403: "passphrase_wrong, address_refused.",
        404: "not_found: no such link.",
        409: "not_ready: the video has no asset yet.",
        410: "share_link_over: its plays or its time are used up. taken_down: so was the video.",
    }
)
# What a playback URL is handed out with.
_HANDED_OUT: Final = tuple(PlaybackSerializer().fields)


class StartPlayback(APIView):
    """Begin to watch a video."""

    permission_classes = (AllowAny,)

    @extend_schema(
        request=PlaybackRequestSerializer, responses={201: PlaybackSerializer, **NOT_ALLOWED}
    )
    @idempotent
    def post(self, request: Request, video_id: UUID) -> Response:
        """A URL that any player plays; visitors may watch what is free."""
        return _start(request, partial(start_playback, find_caller(request), video_id))


class StartLecture(APIView):
    """Begin to watch a lecture."""

    permission_classes = (AllowAny,)

    @extend_schema(
        request=PlaybackRequestSerializer, responses={201: PlaybackSerializer, **NOT_ALLOWED}
    )
    @idempotent
    def post(self, request: Request, lecture_id: UUID) -> Response:
        """A URL of the lecture's video; who may see the course may watch its previews."""
        return _start(request, partial(start_lecture, find_caller(request), lecture_id))


class StartShared(APIView):
    """Begin to watch what a share link opens."""

    permission_classes = (AllowAny,)

    @extend_schema(
        request=SharedRequestSerializer, responses={201: PlaybackSerializer, **NOT_SHARED}
    )
    @idempotent
    def post(self, request: Request, secret: str) -> Response:
        """A URL for whoever has the link; each takes one of its plays."""
        return _start(request, partial(start_shared, secret), asks=SharedRequestSerializer)


def _start(
    request: Request,
    start: Callable[..., Playback],
    *,
    asks: type[PlaybackRequestSerializer] = PlaybackRequestSerializer,
) -> Response:
    """What `start` lets a player have, which may ask for what `asks` knows."""
    asked = asks(data=request.data)
    asked.is_valid(raise_exception=True)
    playback = start(now=timezone.now(), place=find_place(request), **asked.validated_data)
    return _hand_out(playback, status=status.HTTP_201_CREATED)


class RenewPlayback(APIView):
    """Going on with a session whose URL ends soon."""

    permission_classes = (AllowAny,)

    @extend_schema(
        request=RenewalRequestSerializer,
        responses={
            200: PlaybackSerializer,
            **document_refusals(
                {
                    401: "login_required: it is for members.",
                    403: "not_entitled: it is not for you any more.",
                    404: "not_found: no such session, or not yours.",
                    409: "session_over: it was ended, or began a day ago. not_ready: no asset.",
                }
            ),
        },
    )
    def post(self, request: Request, session_id: UUID) -> Response:
        """Another URL of the same session and asset; play on from the same position. Its viewer may
        ask when logged in, and anybody who names its present URL."""
        asked = RenewalRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        now = timezone.now()
        session = access_held_session(
            find_caller(request), session_id, token=asked.validated_data.get("url"), now=now
        )
        playback = renew_playback(session, now=now, place=find_place(request))
        return _hand_out(playback, status=status.HTTP_200_OK)


def _hand_out(playback: Playback, *, status: int) -> Response:
    """As `PlaybackSerializer` describes it, whose fields render nothing that JSON's own renderer
    does not."""
    body = {name: getattr(playback, name) for name in _HANDED_OUT}
    return Response(body, status=status, headers={"Cache-Control": "no-store"})


class SessionFilter(filters.FilterSet):
    """`running=true`: those that go on."""

    running = filters.BooleanFilter(method="filter_running")

    def filter_running(
        self, sessions: QuerySet[PlaybackSession], _name: str, value: bool
    ) -> QuerySet[PlaybackSession]:
        condition = running(timezone.now())
        return sessions.filter(condition) if value else sessions.exclude(condition)


class MySessions(ListAPIView[PlaybackSession]):
    """What I watched, newest first."""

    queryset = PlaybackSession.objects.none()
    serializer_class = SessionSerializer
    filterset_class = SessionFilter

    def get_queryset(self) -> QuerySet[PlaybackSession]:
        return list_sessions().filter(user=require_caller(self.request))

    @extend_schema(operation_id="me_sessions_destroy_all", responses={204: None})
    def delete(self, request: Request) -> Response:
        """End all that I watch, on every device."""
        end_all_sessions(require_caller(request), now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class MySession(APIView):
    """One session of mine."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, session_id: UUID) -> Response:
        """End it, wherever it plays."""
        session = access_own_session(require_caller(request), session_id)
        end_session(session, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class AnySessionFilter(SessionFilter):
    """Sessions of one user, or of one video."""

    user = filters.UUIDFilter(field_name="user_id")
    video = filters.UUIDFilter(field_name="video_id")


class Sessions(ListAPIView[PlaybackSession]):
    """What everybody watched, newest first."""

    permission_classes = (holds(Permission.END_SESSIONS),)
    queryset = PlaybackSession.objects.none()
    serializer_class = AnySessionSerializer
    filterset_class = AnySessionFilter

    def get_queryset(self) -> QuerySet[PlaybackSession]:
        return list_sessions()


class AnySession(APIView):
    """One session of anybody's."""

    permission_classes = (holds(Permission.END_SESSIONS),)

    @extend_schema(responses=AnySessionSerializer)
    def get(self, request: Request, session_id: UUID) -> Response:
        """Show it."""
        return Response(AnySessionSerializer(access_session(session_id)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, session_id: UUID) -> Response:
        """End it, wherever it plays."""
        end_session(access_session(session_id), now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class LogOutUser(APIView):
    """Logging somebody out."""

    permission_classes = (holds(Permission.END_SESSIONS),)

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, user_id: UUID) -> Response:
        """End a user's log-ins and what they watch. Whoever knows the password may come back."""
        user = access_user(user_id)
        log_out_everywhere(user, now=timezone.now())
        note(user, Kind.LOGGED_OUT, request, by=require_caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class VideoTakeDown(APIView):
    """Taking a video down."""

    permission_classes = (holds(Permission.MANAGE_VIDEOS),)

    @extend_schema(request=TakeDownSerializer, responses={204: None})
    def put(self, request: Request, video_id: UUID) -> Response:
        """End all that is watched of it, of every asset; it is a draft and cannot be published."""
        asked = TakeDownSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        caller, now = require_caller(request), timezone.now()
        video = access_video(caller, video_id, now=now)
        take_down(video, by=caller, now=now, **asked.validated_data)
        note_deed(request, f"Took video {video_id} down")
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, video_id: UUID) -> Response:
        """Lift it; the video is a draft, which its owner may publish."""
        lift_take_down(access_video(require_caller(request), video_id, now=timezone.now()))
        note_deed(request, f"Lifted the taking down of video {video_id}")
        return Response(status=status.HTTP_204_NO_CONTENT)
