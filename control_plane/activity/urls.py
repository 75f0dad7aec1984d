"""Routes of activity."""

from django.urls import URLPattern, URLResolver, path

from control_plane.activity.api import ActivityOfUser, MyActivity

urlpatterns: list[URLPattern | URLResolver] = [
    path("me/activity", MyActivity.as_view(), name="my-activity"),
    path("users/<uuid:user_id>/activity", ActivityOfUser.as_view(), name="activity-of-user"),
]
