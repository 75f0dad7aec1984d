"""What pages may load (Content-Security-Policy): strict, and where it is loosened and why."""

from typing import Final
from urllib.parse import urlsplit

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest, HttpResponseBase

Directives = dict[str, list[str]]

ADMIN_PREFIX: Final = "/admin/"

# The admin's Alpine build evaluates expressions, and its charts and menus set styles.
ADMIN_ADDITIONS: Final[Directives] = {"script-src": [UNSAFE_EVAL], "style-src": [UNSAFE_INLINE]}
# Swagger UI sets styles.
DOCS_ADDITIONS: Final[Directives] = {"style-src": [UNSAFE_INLINE]}


def strict_policy(edge_url: str) -> Directives:
    """The policy of every page; posters come from the edge."""
    return {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", origin_of(edge_url)],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }


def player_additions(edge_url: str) -> Directives:
    """What a page with a player needs on top, for `csp.decorators.csp_update`.

    media-chrome puts style elements into its shadow roots and sets a `data:` track; hls.js
    feeds the video through `blob:` and runs its worker from one.
    """
    edge = origin_of(edge_url)
    return {
        "style-src": [UNSAFE_INLINE],
        "worker-src": [SELF, "blob:"],
        "media-src": [SELF, "blob:", "data:", edge],
        "connect-src": [SELF, edge],
    }


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class ContentSecurityMiddleware(CSPMiddleware):
    """Adds what the admin's pages need, to them alone."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts: PolicyParts = super().get_policy_parts(request, response, report_only)
        if request.path_info.startswith(ADMIN_PREFIX):
            parts.update = {**(parts.update or {}), **ADMIN_ADDITIONS}
        return parts
