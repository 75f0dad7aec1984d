"""Routes of requests to become a creator."""

from django.urls import URLPattern, URLResolver, path

from control_plane.creator_requests.api import MyCreatorRequest
from control_plane.creator_requests.decision_api import (
    ApproveCreatorRequest,
    CreatorRequests,
    DeclineCreatorRequest,
    OneCreatorRequest,
)

_ONE = "creator-requests/<uuid:request_id>"

urlpatterns: list[URLPattern | URLResolver] = [
    path("me/creator-request", MyCreatorRequest.as_view(), name="my-creator-request"),
    path("creator-requests", CreatorRequests.as_view(), name="creator-requests"),
    path(_ONE, OneCreatorRequest.as_view(), name="creator-request"),
    path(f"{_ONE}/approve", ApproveCreatorRequest.as_view(), name="approve-creator-request"),
    path(f"{_ONE}/decline", DeclineCreatorRequest.as_view(), name="decline-creator-request"),
]
