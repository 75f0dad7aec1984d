"""Routes of playback."""

from django.urls import URLPattern, URLResolver, path

from control_plane.playback.api import (
    AnySession,
    LogOutUser,
    MySession,
    MySessions,
    RenewPlayback,
    Sessions,
    StartLecture,
    StartPlayback,
    StartShared,
    VideoTakeDown,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("videos/<uuid:video_id>/playback", StartPlayback.as_view(), name="playback"),
    path("lectures/<uuid:lecture_id>/playback", StartLecture.as_view(), name="lecture-playback"),
    path("share-links/<str:secret>/playback", StartShared.as_view(), name="shared-playback"),
    path("videos/<uuid:video_id>/take-down", VideoTakeDown.as_view(), name="take-down"),
    path("me/sessions", MySessions.as_view(), name="my-sessions"),
    path("me/sessions/<uuid:session_id>", MySession.as_view(), name="my-session"),
    path("sessions", Sessions.as_view(), name="sessions"),
    path("sessions/<uuid:session_id>", AnySession.as_view(), name="session"),
    path("sessions/<uuid:session_id>/renewal", RenewPlayback.as_view(), name="renewal"),
    path("users/<uuid:user_id>/log-out", LogOutUser.as_view(), name="log-out-user"),
]
