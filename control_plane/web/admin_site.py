"""The admin as its theme makes it, but open to whoever was let do a part of what is done there."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import sites
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from unfold.apps import BasicAppConfig
from unfold.sites import UnfoldAdminSite


class SharedAdminSite(UnfoldAdminSite):
    """Which page somebody may see is asked of `User.has_perm`."""

    def has_permission(self, request: HttpRequest) -> bool:
        return getattr(request.user, "may_administer", False)  # visitors have no such attribute

    def search(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """For administrators: what it found is kept for longer than a permission may last."""
        if not request.user.is_staff:
            raise PermissionDenied
        found: HttpResponse = super().search(request, extra_context)
        return found


class AdminTheme(BasicAppConfig):
    """Named in the settings, in place of the theme's own."""

    def ready(self) -> None:
        admin.site = sites.site = SharedAdminSite()
