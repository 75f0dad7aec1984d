"""Routes of entitlements."""

from django.urls import URLPattern, URLResolver, path

from control_plane.entitlements.api import Grants, OneGrant

urlpatterns: list[URLPattern | URLResolver] = [
    path("grants", Grants.as_view(), name="grants"),
    path("grants/<uuid:grant_id>", OneGrant.as_view(), name="grant"),
]
