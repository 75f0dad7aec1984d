"""Passkeys (WebAuthn): what browsers send of them, read before anything is done with it.

Allauth verifies challenge, origin and signature, but fails over what is no credential at all.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from allauth.headless.internal.restkit.inputs import CharField
from allauth.headless.mfa import inputs, views
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from cryptography.exceptions import InvalidSignature
from django import forms
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

from control_plane.accounts.models import User
from control_plane.accounts.recent_log_ins import AsksLoneSessions

MOST_PASSKEYS: Final = 20

_LONGEST_NAME: Final = 100  # as for another name, later
_LARGEST_BYTES: Final = 16_384
# What fido2 and the parsers below it raise.
_UNREADABLE: Final = (
    *(AttributeError, IndexError, KeyError, TypeError, ValueError),
    NotImplementedError,  # a key of a kind that it does not know
)


class CredentialField(forms.JSONField):
    """What a browser made; `read` fails over what cannot be used."""

    def __init__(self, read: Callable[[Mapping[str, Any]], object]) -> None:
        super().__init__()
        self._read: Final = read

    def clean(self, value: Any) -> Any:
        credential = super().clean(value)
        try:
            if len(json.dumps(credential)) > _LARGEST_BYTES:
                raise ValueError("too large")
            self._read(credential)
        except _UNREADABLE as error:
            raise get_adapter().validation_error("incorrect_code") from error
        return credential


def _read_registration(credential: Mapping[str, Any]) -> None:
    """With a key that can verify something, if not this."""
    made = RegistrationResponse.from_dict(credential).response.attestation_object.auth_data
    with suppress(InvalidSignature):
        made.credential_data.public_key.verify(b"", b"")  # type: ignore[union-attr]


def _read_assertion(credential: Mapping[str, Any]) -> None:
    AuthenticationResponse.from_dict(credential)


class AddInput(inputs.AddWebAuthnInput):
    user: User
    name = CharField(required=False, max_length=_LONGEST_NAME)
    credential = CredentialField(_read_registration)

    def clean(self) -> dict[str, Any]:
        kept = Authenticator.objects.filter(user=self.user, type=Authenticator.Type.WEBAUTHN)
        if kept.count() >= MOST_PASSKEYS:
            raise forms.ValidationError("There are as many passkeys as may be.", "too_many")
        cleaned: dict[str, Any] = super().clean()
        return cleaned


class AuthenticateInput(inputs.AuthenticateWebAuthnInput):
    credential = CredentialField(_read_assertion)


class ReauthenticateInput(inputs.ReauthenticateWebAuthnInput):
    credential = CredentialField(_read_assertion)


class LogInInput(inputs.LoginWebAuthnInput):
    credential = CredentialField(_read_assertion)


class ManagePasskeys(AsksLoneSessions, views.ManageWebAuthnView):
    """The passkeys of an account."""

    input_class: Final = {**views.ManageWebAuthnView.input_class, "POST": AddInput}


class AuthenticateByPasskey(views.AuthenticateWebAuthnView):
    input_class: Final = {"POST": AuthenticateInput}


class ReauthenticateByPasskey(views.ReauthenticateWebAuthnView):
    input_class: Final = {"POST": ReauthenticateInput}


class LogInByPasskey(views.LoginWebAuthnView):
    input_class: Final = {"POST": LogInInput}
