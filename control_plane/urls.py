"""Every route of the control plane: pages, API, keys, health."""

from typing import Final

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from control_plane.accounts.urls import callbacks
from control_plane.api_pages import ApiPages, show_description
from control_plane.health import show_liveness, show_readiness
from control_plane.info import Info
from control_plane.issuers.urls import api as issuers_api
from control_plane.signing.urls import api as signing_api

handler400: Final = "control_plane.errors.handle_bad_request"
handler403: Final = "control_plane.errors.handle_forbidden"
handler404: Final = "control_plane.errors.handle_not_found"
handler500: Final = "control_plane.errors.handle_server_error"

# What players ask comes first, since it is asked most, and the list is gone through in its order.
api: list[URLPattern | URLResolver] = [
    path("", include("control_plane.playback.urls")),
    path("", include("control_plane.accounts.urls")),
    path("", include("control_plane.activity.urls")),
    path("", include("control_plane.api_keys.urls")),
    path("", include("control_plane.creator_requests.urls")),
    path("", include("control_plane.permission_grants.urls")),
    path("", include("control_plane.entitlements.urls")),
    path("", include("control_plane.catalogue.urls")),
    path("", include("control_plane.transcodes.urls")),
    path("", include("control_plane.sidecars.urls")),
    path("", include("control_plane.uploads.urls")),
    path("", include("control_plane.personal_data.urls")),
    path("", include("control_plane.refusals.urls")),
    path("", include(signing_api)),
    path("", include(issuers_api)),
    path("info", Info.as_view(), name="info"),
    path("openapi.json", show_description, name="openapi"),
    path("docs", ApiPages.as_view(url_name="openapi"), name="docs"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("control_plane.web.urls")),
    path("", include(callbacks)),
    path("", include("control_plane.signing.urls")),
    path("", include("control_plane.issuers.urls")),
    path("api/v1/", include(api)),
    path("livez", show_liveness),
    path("readyz", show_readiness),
    path("admin/", admin.site.urls),
]
