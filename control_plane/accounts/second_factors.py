"""What is asked besides a password: how its secrets are kept, to which domain passkeys belong, and
the way out for who has lost them."""

from typing import Final

from allauth.account.internal.stagekit import get_pending_stage
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.internal.constants import LoginStageKey
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from control_plane.accounts.mails import send_mail
from control_plane.accounts.models import User
from control_plane.accounts.signals import second_factors_removed
from control_plane.encryption import decrypt, encrypt, renew_encryption

# What of an authenticator's data is encrypted.
_SECRETS: Final = {
    Authenticator.Type.TOTP: "secret",
    Authenticator.Type.RECOVERY_CODES: "seed",
}
_NAMES: Final = {
    Authenticator.Type.TOTP: "authenticator app",
    Authenticator.Type.RECOVERY_CODES: "recovery codes",
}


class SecondFactorAdapter(DefaultMFAAdapter):
    """Named in the settings; allauth asks it."""

    def encrypt(self, text: str) -> str:
        """What an authenticator app shares with us, and what recovery codes are made from."""
        return encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text.encode()).decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The domain whose pages may use a passkey, and all below it; by default the one that a
        request names."""
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return {**entity, "id": settings.CONFIG.passkey_domain or entity["id"]}


def list_factors(user: User) -> QuerySet[Authenticator]:
    """Somebody's, in the order in which they came."""
    found: QuerySet[Authenticator] = Authenticator.objects.filter(user=user).order_by("pk")
    return found


def describe_factor(factor: Authenticator) -> str:
    """In words, with the name of a passkey; nothing that opens a door."""
    if factor.type == Authenticator.Type.WEBAUTHN:
        return f"passkey {factor.data['name']}"
    return _NAMES[factor.type]


def find_second_step(request: HttpRequest) -> list[str]:
    """The types of which one is asked for, where a browser has come so far with its log-in."""
    stage = get_pending_stage(request)
    if stage is None or stage.key != LoginStageKey.MFA_AUTHENTICATE:
        return []
    return [factor.type for factor in list_factors(stage.login.user)]


@transaction.atomic
def remove_factors(user: User, *, by: User, request: HttpRequest | None) -> int:
    """Let the password be enough again, for who has lost a phone; how many there were. The holder
    is told by mail. Raises `Refused` when the mail server does not take it."""
    factors = list(list_factors(user).select_for_update())
    if factors:
        list_factors(user).delete()
        detail = ", ".join(map(describe_factor, factors))
        second_factors_removed.send(User, user=user, request=request, by=by, detail=detail)
        send_mail("second_factors_removed", user.email, site=settings.CONFIG.url)
    return len(factors)


def renew_secrets() -> int:
    """Encrypt every secret under the newest key; how many there are. Raises `SecretUnreadable`."""
    found = Authenticator.objects.filter(type__in=_SECRETS).values_list("pk", flat=True)
    return sum(_renew(pk) for pk in list(found))


@transaction.atomic
def _renew(pk: int) -> bool:
    """Whether it was still there."""
    held = Authenticator.objects.select_for_update().filter(pk=pk).first()
    if held is None:
        return False
    name = _SECRETS[held.type]
    held.data[name] = renew_encryption(held.data[name].encode()).decode()
    held.save(update_fields=["data"])
    return True
