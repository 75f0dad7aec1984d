"""What allauth, Django and accounts tell, kept. Imported once, when all models are there."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from allauth.account import signals
from allauth.account.models import EmailAddress
from allauth.mfa import signals as factors
from allauth.mfa.models import Authenticator
from allauth.socialaccount import signals as elsewhere
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.dispatch import Signal
from django.http import HttpRequest

from control_plane.accounts import signals as own
from control_plane.accounts.models import User
from control_plane.accounts.second_factors import describe_factor
from control_plane.activity.models import Kind
from control_plane.activity.services import note

_KINDS: Final[Mapping[Kind, Signal]] = {
    Kind.SIGNED_UP: signals.user_signed_up,
    Kind.LOGGED_IN: signals.user_logged_in,
    Kind.LOGGED_OUT: user_logged_out,
    Kind.EMAIL_CHANGED: signals.email_changed,
    Kind.PASSWORD_CHANGED: signals.password_changed,
    Kind.PASSWORD_RESET: signals.password_reset,
    Kind.PASSWORD_SET: signals.password_set,
}
_FACTOR_KINDS: Final[Mapping[Kind, Signal]] = {
    Kind.SECOND_FACTOR_ADDED: factors.authenticator_added,
    Kind.SECOND_FACTOR_REMOVED: factors.authenticator_removed,
    Kind.SECOND_FACTOR_FAILED: factors.authentication_failed,
    Kind.RECOVERY_CODES_RENEWED: factors.authenticator_reset,
}
_OWN_KINDS: Final[Mapping[Kind, Signal]] = {
    Kind.INVITATION_USED: own.invitation_used,
    Kind.APPLICATION_APPROVED: own.application_approved,
    Kind.APPLICATION_DECLINED: own.application_declined,
    Kind.SECOND_FACTOR_REMOVED: own.second_factors_removed,
    Kind.INVITED: own.invited,
    Kind.INVITATION_REVOKED: own.invitation_revoked,
}


def _hear(kind: Kind, *, request: HttpRequest | None, user: User | None, **facts: Any) -> None:
    # whoever logs out of a session that has ended already is nobody
    if user is not None:
        login = facts.get("sociallogin")
        note(user, kind, request, detail=login.account.provider if login else "")


def _hear_connection(*, request: HttpRequest, sociallogin: SocialLogin, **_facts: Any) -> None:
    note(sociallogin.user, Kind.CONNECTED, request, detail=sociallogin.account.provider)


def _hear_disconnection(
    *, request: HttpRequest, socialaccount: SocialAccount, **_facts: Any
) -> None:
    note(socialaccount.user, Kind.DISCONNECTED, request, detail=socialaccount.provider)


def _hear_own(kind: Kind, *, request: HttpRequest | None, user: User, **facts: Any) -> None:
    note(user, kind, request, by=facts.get("by"), detail=facts.get("detail", ""))


def _hear_factor(
    kind: Kind, *, request: HttpRequest, user: User, authenticator: Authenticator, **_facts: Any
) -> None:
    note(user, kind, request, detail=describe_factor(authenticator))


def _hear_use(
    *, request: HttpRequest, user: User, authenticator: Authenticator, **_facts: Any
) -> None:
    """Of a recovery code: there is one less. Of others the log-in itself is kept."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        note(user, Kind.RECOVERY_CODE_USED, request)


def _hear_verification(
    *, request: HttpRequest | None, email_address: EmailAddress, **_facts: Any
) -> None:
    note(email_address.user, Kind.EMAIL_VERIFIED, request)


def _hear_failure(
    *, credentials: Mapping[str, Any], request: HttpRequest | None = None, **_facts: Any
) -> None:
    """Of a log-in to an account that there is; nobody is told of it but its holder."""
    user = User.objects.filter(email__iexact=str(credentials.get("email", ""))).first()
    if user is not None:
        note(user, Kind.LOG_IN_FAILED, request)


for _kind, _signal in _KINDS.items():
    _signal.connect(partial(_hear, _kind), weak=False, dispatch_uid=f"activity-{_kind}")
for _kind, _signal in _FACTOR_KINDS.items():
    _signal.connect(partial(_hear_factor, _kind), weak=False, dispatch_uid=f"activity-{_kind}")
for _kind, _signal in _OWN_KINDS.items():
    _signal.connect(partial(_hear_own, _kind), weak=False, dispatch_uid=f"activity-{_kind}")
factors.authenticator_used.connect(_hear_use, dispatch_uid="activity-used")
elsewhere.social_account_added.connect(_hear_connection, dispatch_uid="activity-connected")
elsewhere.social_account_removed.connect(_hear_disconnection, dispatch_uid="activity-disconnected")
signals.email_confirmed.connect(_hear_verification, dispatch_uid="activity-verified")
user_login_failed.connect(_hear_failure, dispatch_uid="activity-failed")
