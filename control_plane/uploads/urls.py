"""Routes of uploads. `uploads/<upload_id>` is served ahead of Django, by `uploads.asgi`."""

from django.urls import path

from control_plane.uploads.api import Uploads, VideoSource

urlpatterns = [
    path("uploads", Uploads.as_view(), name="uploads"),
    path("videos/<uuid:video_id>/source", VideoSource.as_view(), name="video-source"),
]
