"""Pages to sign up, confirm an address, log in and choose a new password.

They hold forms and nothing else: their module of script posts to the accounts' API.
"""

from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from control_plane.accounts.invitations import find_invitation
from control_plane.accounts.second_factors import find_second_step
from control_plane.accounts.sign_up import may_knock
from control_plane.config import SignUpMode
from control_plane.web.destinations import choose_destination
from control_plane.web.provider_pages import list_offers
from control_plane.web.rendering import show_page


@require_safe
def show_log_in(request: HttpRequest) -> HttpResponse:
    destination = choose_destination(request)
    if request.user.is_authenticated:
        return HttpResponseRedirect(destination)  # a path, even where it reads like a view's name
    context: dict[str, Any] = {
        "destination": destination,
        "providers": list_offers(),
        "types": [] if "anew" in request.GET else find_second_step(request),
    }
    return show_page(request, "web/log_in.html", **context)


@require_safe
def show_sign_up(request: HttpRequest) -> HttpResponse:
    """With an invitation the form is for whoever has it, without one for whom the site takes."""
    if request.user.is_authenticated:
        return redirect("web:catalogue")
    mode, token = settings.CONFIG.sign_up, request.GET.get("invitation", "")
    invitation = find_invitation(token, now=timezone.now()) if token else None
    context: dict[str, Any] = {
        "mode": mode,
        "token": token,
        "providers": list_offers(),
        "invitation": invitation,
        "has_form": may_knock(mode) or (invitation is not None and mode is not SignUpMode.CLOSED),
    }
    return show_page(request, "web/sign_up.html", **context)


@require_safe
def show_verify(request: HttpRequest, key: str) -> HttpResponse:
    """Confirming is left to a button, since mail scanners follow links."""
    waits = settings.CONFIG.sign_up is SignUpMode.APPROVAL
    return show_page(request, "web/verify.html", key=unquote(key), waits=waits)


@require_safe
def show_forgot_password(request: HttpRequest) -> HttpResponse:
    return show_page(request, "web/forgot_password.html")


@require_safe
def show_new_password(request: HttpRequest, key: str) -> HttpResponse:
    return show_page(request, "web/new_password.html", key=unquote(key))
