"""Routes of issuers: `urlpatterns` for edges, `api` for administrators."""

from django.urls import URLPattern, URLResolver, path

from control_plane.issuers.api import Issuers, OneIssuer, show_issuers
from shared.issuers import ISSUERS_DOCUMENT

urlpatterns: list[URLPattern | URLResolver] = [
    path(f".well-known/{ISSUERS_DOCUMENT}", show_issuers, name="issuers"),
]

api: list[URLPattern | URLResolver] = [
    path("issuers", Issuers.as_view(), name="issuers-api"),
    path("issuers/<int:issuer_id>", OneIssuer.as_view(), name="issuer-api"),
]
