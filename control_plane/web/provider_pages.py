"""Log-in by providers on pages: whom one may go to, and where one comes back."""

from collections.abc import Mapping
from typing import Any, Final, TypedDict

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_safe

from control_plane.accounts.models import User
from control_plane.accounts.pending_steps import find_pending_step
from control_plane.accounts.providers.offered import list_offered
from control_plane.web.destinations import choose_destination
from control_plane.web.rendering import show_page


class Offer(TypedDict):
    """A provider, as pages name it."""

    id: str
    name: str


_ERRORS: Final[Mapping[str, str]] = {
    "cancelled": "You broke it off there. Nothing has changed here.",
    "email_taken": "There is an account here with the same address. Log in to it,"
    " then connect the other one on the page of your account.",
    "sign_up_closed": "You have no account here yet, and nobody may sign up at present.",
    "invitation_required": "You have no account here yet. Signing up takes an invitation:"
    " open the link that was mailed to you.",
    "invitation_invalid": "The invitation was used or revoked, is too old, or is for another"
    " address.",
    "connected_other": "That account is connected to another account here.",
    "reauthentication_required": "That took too long. Enter your password again, and connect it.",
    "permission_denied": "Log in here first, and connect it then.",
}
_UNKNOWN: Final = "That did not work. Try again in a moment, or log in in another way."
_STEPS: Final[Mapping[str, str]] = {
    "verify_email": "Almost there: open the link that we have sent to your address.",
    "approval": "An administrator has yet to let you in. You will get a mail.",
}


def list_offers() -> list[Offer]:
    """The providers that the site offers."""
    return [{"id": app.provider_id, "name": app.name} for app in list_offered(settings.CONFIG)]


def describe_connections(request: HttpRequest, user: User) -> dict[str, Any]:
    """For somebody's own page: the accounts elsewhere that they log in by, whom they may connect
    besides, and what is the matter with whom they tried."""
    offers = list_offers()
    names = {offer["id"]: offer["name"] for offer in offers}
    accounts = SocialAccount.objects.filter(user=user, provider__in=names).order_by("pk")
    connected = [
        {
            "provider": account.provider,
            "name": names[account.provider],
            "uid": account.uid,
            "display": account.extra_data.get("email") or account.extra_data.get("name", ""),
        }
        for account in accounts
    ]
    here = {one["provider"] for one in connected}
    return {
        "connected": connected,
        "offers": [offer for offer in offers if offer["id"] not in here],
        "trouble": explain_error(request.GET["error"]) if "error" in request.GET else "",
    }


def explain_error(code: str) -> str:
    """What the error means that a log-in by a provider came back with."""
    return _ERRORS.get(code, _UNKNOWN)


@require_safe
def show_return(request: HttpRequest) -> HttpResponse:
    """Say what is the matter or missing, and send everybody else where they wanted to go."""
    destination = choose_destination(request)
    if "error" in request.GET:
        return _say(request, explain_error(request.GET["error"]), destination, is_problem=True)
    if request.user.is_authenticated:
        return HttpResponseRedirect(destination)
    step = find_pending_step(request) or ""
    if step == "provider_signup":
        return show_page(request, "web/provider_sign_up.html", destination=destination)
    if step in _STEPS:
        return _say(request, _STEPS[step], destination, is_problem=False)
    query = QueryDict(mutable=True)
    query["next"] = destination
    return HttpResponseRedirect(f"{reverse('web:log-in')}?{query.urlencode()}")


def _say(request: HttpRequest, text: str, destination: str, *, is_problem: bool) -> HttpResponse:
    return show_page(
        request, "web/return.html", text=text, destination=destination, is_problem=is_problem
    )
