"""The control plane's routes, and one that does nothing but know who asks."""

from typing import Final
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from control_plane.accounts.callers import require_caller
from control_plane.urls import handler400, handler403, handler404, handler500  # noqa: F401
from control_plane.urls import urlpatterns as own

# As long as the answer with a playback URL is.
_BODY: Final = {"url": "x" * 2072}


class Constant(APIView):
    """The same authentication, middleware and length of answer; nothing is decided or kept."""

    def post(self, request: Request, video_id: UUID) -> Response:  # noqa: ARG002
        require_caller(request)
        return Response(_BODY, status=201)


urlpatterns = [
    path("api/v1/constants/<uuid:video_id>/playback", Constant.as_view()),
    *own,
]
