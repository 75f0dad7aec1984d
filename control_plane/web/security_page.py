"""The page of somebody's own account: how they log in."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from control_plane.accounts.callers import require_caller
from control_plane.accounts.models import User
from control_plane.accounts.second_factors import list_factors
from control_plane.web.creating import describe_creating
from control_plane.web.provider_pages import describe_connections
from control_plane.web.rendering import show_page


@require_safe
@login_required
def show_account(request: HttpRequest) -> HttpResponse:
    """Its module of script calls the accounts' API, and loads the page again."""
    caller = require_caller(request)
    facts = {
        **describe_security(caller),
        **describe_connections(request, caller),
        **describe_creating(caller),
    }
    return show_page(request, "web/account.html", **facts)


def describe_security(user: User) -> dict[str, Any]:
    """Somebody's app, passkeys and recovery codes; of the last how many are left."""
    found: dict[str, list[Authenticator]] = {kind: [] for kind in Authenticator.Type.values}
    for factor in list_factors(user):
        found[factor.type].append(factor)
    app, codes = found[Authenticator.Type.TOTP], found[Authenticator.Type.RECOVERY_CODES]
    return {
        "app": app[0] if app else None,
        "passkeys": found[Authenticator.Type.WEBAUTHN],
        "codes_left": len(codes[0].wrap().get_unused_codes()) if codes else None,
    }
