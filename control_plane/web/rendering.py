"""How every page for visitors is rendered and may be kept."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render

from control_plane.accounts.sign_up import may_knock


def show_page(
    request: HttpRequest, template: str, *, status: int = HTTPStatus.OK, **context: Any
) -> HttpResponse:
    """Render a page; it is another for every user, so only their browser may keep it."""
    get_token(request)  # sets the cookie that the page's scripts prove themselves with
    context["sign_up_open"] = may_knock(settings.CONFIG.sign_up)
    response = render(request, template, context, status=status)
    response["Cache-Control"] = "private, no-cache"
    return response
