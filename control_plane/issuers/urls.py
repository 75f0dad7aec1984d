"""Routes of issuers."""

from django.urls import URLPattern, URLResolver, path

from control_plane.issuers.api import show_issuers
from shared.issuers import ISSUERS_DOCUMENT

urlpatterns: list[URLPattern | URLResolver] = [
    path(f".well-known/{ISSUERS_DOCUMENT}", show_issuers, name="issuers"),
]
