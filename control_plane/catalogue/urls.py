"""Routes of catalogue."""

from django.urls import path

from control_plane.catalogue.api import (
    PublishVideo,
    UnpublishVideo,
    VideoBySlug,
    VideoDetail,
    Videos,
)
from control_plane.catalogue.course_api import (
    CourseDetail,
    CourseOrder,
    Courses,
    Lectures,
    MyCourses,
    OneLecture,
    PublishCourse,
    UnpublishCourse,
)
from control_plane.catalogue.shelf_api import (
    Categories,
    CategoryDetail,
    PlaylistDetail,
    PlaylistEntry,
    PlaylistItems,
    PlaylistOrder,
    Playlists,
)

urlpatterns = [
    path("videos", Videos.as_view(), name="videos"),
    path("videos/by-slug/<slug:slug>", VideoBySlug.as_view(), name="video-by-slug"),
    path("videos/<uuid:video_id>", VideoDetail.as_view(), name="video"),
    path("videos/<uuid:video_id>/publish", PublishVideo.as_view(), name="publish-video"),
    path("videos/<uuid:video_id>/unpublish", UnpublishVideo.as_view(), name="unpublish-video"),
    path("categories", Categories.as_view(), name="categories"),
    path("categories/<slug:slug>", CategoryDetail.as_view(), name="category"),
    path("me/courses", MyCourses.as_view(), name="my-courses"),
    path("courses", Courses.as_view(), name="courses"),
    path("courses/<uuid:course_id>", CourseDetail.as_view(), name="course"),
    path("courses/<uuid:course_id>/publish", PublishCourse.as_view(), name="publish-course"),
    path("courses/<uuid:course_id>/unpublish", UnpublishCourse.as_view(), name="unpublish-course"),
    path("courses/<uuid:course_id>/lectures", Lectures.as_view(), name="lectures"),
    path("courses/<uuid:course_id>/order", CourseOrder.as_view(), name="course-order"),
    path(
        "courses/<uuid:course_id>/lectures/<uuid:lecture_id>",
        OneLecture.as_view(),
        name="lecture",
    ),
    path("playlists", Playlists.as_view(), name="playlists"),
    path("playlists/<uuid:playlist_id>", PlaylistDetail.as_view(), name="playlist"),
    path("playlists/<uuid:playlist_id>/items", PlaylistItems.as_view(), name="playlist-items"),
    path("playlists/<uuid:playlist_id>/order", PlaylistOrder.as_view(), name="playlist-order"),
    path(
        "playlists/<uuid:playlist_id>/items/<uuid:item_id>",
        PlaylistEntry.as_view(),
        name="playlist-item",
    ),
]
