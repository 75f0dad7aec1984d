"""Routes of refusals."""

from django.urls import URLPattern, URLResolver, path, register_converter
from django.urls.converters import StringConverter

from control_plane.refusals.api import OneRefusal, Refusals


class DecisionIdConverter(StringConverter):
    """As edges make them."""

    regex = "[0-9a-f]{16}"


register_converter(DecisionIdConverter, "decision_id")

urlpatterns: list[URLPattern | URLResolver] = [
    path("refusals", Refusals.as_view(), name="refusals"),
    path("refusals/<decision_id:decision_id>", OneRefusal.as_view(), name="refusal"),
]
