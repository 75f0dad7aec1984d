"""What is still missing of a log-in that has begun."""

from allauth.account.internal.stagekit import get_pending_stage
from allauth.socialaccount.internal.flows.signup import get_pending_signup
from django.http import HttpRequest


def find_pending_step(request: HttpRequest) -> str | None:
    """By the name that the API gives it, without `_pending`; None where nothing has begun."""
    stage = get_pending_stage(request)
    if stage is not None:
        return str(stage.key)
    return "provider_signup" if get_pending_signup(request) else None
