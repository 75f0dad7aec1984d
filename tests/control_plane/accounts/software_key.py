"""An authenticator of passkeys, in software (WebAuthn Level 3, section 6)."""

import secrets
from collections.abc import Mapping
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256, CoseKey
from fido2.utils import sha256, websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

ORIGIN: Final = "https://testserver"
_NO_MODEL: Final = bytes(16)
_FLAGS: Final = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV


class SoftwareKey:
    """Makes one passkey, and signs with it what a page at `origin` is asked to have signed."""

    def __init__(self, origin: str = ORIGIN) -> None:
        self._origin: Final = origin
        self._private: Final = ec.generate_private_key(ec.SECP256R1())
        self.id: Final = secrets.token_bytes(16)
        self._user_handle = ""

    @property
    def public_key(self) -> Mapping[int, Any]:
        """As COSE writes it."""
        numbers = self._private.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        return {1: 2, 3: ES256.ALGORITHM, -1: 1, -2: x, -3: y}

    def register(self, options: Any) -> dict[str, Any]:
        """What `navigator.credentials.create` resolves to, as JSON."""
        asked = options["creation_options"]["publicKey"]
        self._user_handle = asked["user"]["id"]
        key = CoseKey.parse(dict(self.public_key))
        credential = AttestedCredentialData.create(_NO_MODEL, self.id, key)
        made = AuthenticatorData.create(
            sha256(asked["rp"]["id"].encode()),
            _FLAGS | AuthenticatorData.FLAG.AT,
            counter=0,
            credential_data=credential,
        )
        response = {
            "clientDataJSON": self._tell("webauthn.create", asked["challenge"]).b64,
            "attestationObject": websafe_encode(AttestationObject.create("none", made, {})),
        }
        return self._wrap(response, {"credProps": {"rk": True}})

    def sign(self, options: Any) -> dict[str, Any]:
        """What `navigator.credentials.get` resolves to, as JSON."""
        asked = options["request_options"]["publicKey"]
        told = self._tell("webauthn.get", asked["challenge"])
        made = AuthenticatorData.create(sha256(asked["rpId"].encode()), _FLAGS, counter=0)
        signature = self._private.sign(made + told.hash, ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": told.b64,
            "authenticatorData": websafe_encode(made),
            "signature": websafe_encode(signature),
            "userHandle": self._user_handle,
        }
        return self._wrap(response, {})

    def _tell(self, kind: str, challenge: str) -> CollectedClientData:
        return CollectedClientData.create(kind, websafe_decode(challenge), self._origin)

    def _wrap(self, response: dict[str, str], extensions: dict[str, Any]) -> dict[str, Any]:
        name = websafe_encode(self.id)
        return {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": extensions,
        }
