"""The OpenAPI document, and pages to read and try it."""

from functools import lru_cache
from typing import Final

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.views import SpectacularSwaggerSplitView

from control_plane.content_security import DOCS_ADDITIONS

MAX_AGE_S: Final = 300


@lru_cache(maxsize=1)
def render_description() -> bytes:
    """The document of this process's routes; it takes long to make and never changes."""
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    document = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    rendered: bytes = OpenApiJsonRenderer().render(document)
    return rendered


@require_safe
@cache_control(public=True, max_age=MAX_AGE_S)
def show_description(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(render_description(), content_type=OpenApiJsonRenderer.media_type)


@method_decorator(csp_update(DOCS_ADDITIONS), name="dispatch")
class ApiPages(SpectacularSwaggerSplitView):
    """The document as pages; they load nothing from elsewhere."""

    authentication_classes = ()
