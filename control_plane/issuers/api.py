"""Other sites' keys and ceilings, for edges."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from control_plane.issuers.selectors import published_issuers
from control_plane.signing.api import MAX_AGE_S

_CONTENT_TYPE: Final = "application/json"


@require_safe
@cache_control(public=True, max_age=MAX_AGE_S)
def show_issuers(_request: HttpRequest) -> HttpResponse:
    """`shared.issuers` says what it holds."""
    return HttpResponse(published_issuers(now=timezone.now()), content_type=_CONTENT_TYPE)
