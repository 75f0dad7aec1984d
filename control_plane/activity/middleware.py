"""What is done in the admin, kept with where it came from."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from control_plane.accounts.callers import find_caller
from control_plane.activity.services import note_administration

_ADMIN = "/admin/"


class AdminActivity:
    """Middleware, named in the settings. The admin's own record has no addresses."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began_at = timezone.now()
        response = self._get_response(request)
        if request.method == "POST" and request.path.startswith(_ADMIN):
            caller = find_caller(request)
            if caller is not None:
                note_administration(caller, request, since=began_at)
        return response
