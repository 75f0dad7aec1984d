"""Routes of playback."""

from django.urls import URLPattern, URLResolver, path

from control_plane.playback.api import MySessions, Sessions, StartPlayback

urlpatterns: list[URLPattern | URLResolver] = [
    path("videos/<uuid:video_id>/playback", StartPlayback.as_view(), name="playback"),
    path("me/sessions", MySessions.as_view(), name="my-sessions"),
    path("sessions", Sessions.as_view(), name="sessions"),
]
