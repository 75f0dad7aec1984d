"""Routes of API keys."""

from django.urls import URLPattern, URLResolver, path

from control_plane.api_keys.api import MyApiKey, MyApiKeys

urlpatterns: list[URLPattern | URLResolver] = [
    path("me/api-keys", MyApiKeys.as_view(), name="my-api-keys"),
    path("me/api-keys/<uuid:key_id>", MyApiKey.as_view(), name="my-api-key"),
]
