"""Routes of my data."""

from django.urls import path

from control_plane.personal_data.api import Deletion, Export

urlpatterns = [
    path("me/export", Export.as_view(), name="export"),
    path("me/deletion", Deletion.as_view(), name="deletion"),
]
