"""How allauth meets this site where it asks for more than a password: which secrets it keeps how,
and to which domain passkeys belong."""

from typing import Final

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction

from control_plane.encryption import decrypt, encrypt, renew_encryption

# What of an authenticator's data is encrypted.
_SECRETS: Final = {
    Authenticator.Type.TOTP: "secret",
    Authenticator.Type.RECOVERY_CODES: "seed",
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
