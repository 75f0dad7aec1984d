"""Routes of my data, and of everybody's accounts."""

from django.urls import path

from control_plane.personal_data.api import Deletion, Export
from control_plane.personal_data.user_api import OneUser, Users

urlpatterns = [
    path("me/export", Export.as_view(), name="export"),
    path("me/deletion", Deletion.as_view(), name="deletion"),
    path("users", Users.as_view(), name="users"),
    path("users/<uuid:user_id>", OneUser.as_view(), name="user"),
]
