"""Routes of signing."""

from django.urls import URLPattern, URLResolver, path

from control_plane.signing.api import show_jwks

urlpatterns: list[URLPattern | URLResolver] = [
    path(".well-known/jwks.json", show_jwks, name="jwks"),
]
