"""Every route of the control plane: pages, API, keys, health."""

from django.contrib import admin
from django.urls import include, path

api = [
    path("", include("control_plane.accounts.urls")),
    path("", include("control_plane.entitlements.urls")),
    path("", include("control_plane.catalogue.urls")),
    path("", include("control_plane.transcodes.urls")),
    path("", include("control_plane.uploads.urls")),
    path("", include("control_plane.playback.urls")),
]

urlpatterns = [
    path("", include("control_plane.web.urls")),
    path("", include("control_plane.signing.urls")),
    path("api/v1/", include(api)),
    path("admin/", admin.site.urls),
]
