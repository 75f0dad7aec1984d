"""Routes of signing: `urlpatterns` for edges, `api` for administrators."""

from django.urls import URLPattern, URLResolver, path

from control_plane.signing.api import CompromisedKey, RotateKeys, SigningKeys, show_jwks

urlpatterns: list[URLPattern | URLResolver] = [
    path(".well-known/jwks.json", show_jwks, name="jwks"),
]

api: list[URLPattern | URLResolver] = [
    path("signing-keys", SigningKeys.as_view(), name="signing-keys"),
    path("signing-keys/rotate", RotateKeys.as_view(), name="rotate-keys"),
    path("signing-keys/<str:kid>/compromised", CompromisedKey.as_view(), name="compromised-key"),
]
