"""The OpenAPI document, and pages to read and try it."""

from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView

from control_plane.content_security import DOCS_ADDITIONS


class ApiDescription(SpectacularJSONAPIView):
    """The OpenAPI document."""

    authentication_classes = ()


@method_decorator(csp_update(DOCS_ADDITIONS), name="dispatch")
class ApiPages(SpectacularSwaggerSplitView):
    """The document as pages; they load nothing from elsewhere."""

    authentication_classes = ()
