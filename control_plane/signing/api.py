"""The JWK Set that edges fetch."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from control_plane.signing.selectors import published_jwks

MAX_AGE_S: Final = 60


@require_safe
@cache_control(public=True, max_age=MAX_AGE_S)
def show_jwks(_request: HttpRequest) -> HttpResponse:
    """RFC 7517 section 5."""
    return HttpResponse(published_jwks(now=timezone.now()), content_type="application/jwk-set+json")
