"""Routes of sidecars."""

from django.urls import path

from control_plane.sidecars.api import CaptionDetail, Captions, VideoPoster

urlpatterns = [
    path("videos/<uuid:video_id>/captions", Captions.as_view(), name="captions"),
    path(
        "videos/<uuid:video_id>/captions/<uuid:caption_id>",
        CaptionDetail.as_view(),
        name="caption",
    ),
    path("videos/<uuid:video_id>/poster", VideoPoster.as_view(), name="video-poster"),
]
