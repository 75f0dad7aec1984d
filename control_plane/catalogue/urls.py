"""Routes of catalogue."""

from django.urls import path

from control_plane.catalogue.api import PublishVideo, UnpublishVideo, VideoDetail, Videos

urlpatterns = [
    path("videos", Videos.as_view(), name="videos"),
    path("videos/<uuid:video_id>", VideoDetail.as_view(), name="video"),
    path("videos/<uuid:video_id>/publish", PublishVideo.as_view(), name="publish-video"),
    path("videos/<uuid:video_id>/unpublish", UnpublishVideo.as_view(), name="unpublish-video"),
]
