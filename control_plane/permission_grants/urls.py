"""Routes of named permissions."""

from django.urls import URLPattern, URLResolver, path

from control_plane.permission_grants.api import (
    MyPermissions,
    OnePermissionGrant,
    PermissionGrants,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("me/permissions", MyPermissions.as_view(), name="my-permissions"),
    path("permission-grants", PermissionGrants.as_view(), name="permission-grants"),
    path(
        "permission-grants/<uuid:permission_grant_id>",
        OnePermissionGrant.as_view(),
        name="permission-grant",
    ),
]
