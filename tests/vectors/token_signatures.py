"""Signatures: good ones, none, of something else, by somebody else."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from shared.base64url import decode_base64url
from tests.vectors.token_material import (
    ED25519_ORDER,
    GOOD,
    HEADER,
    OWN_JWK,
    OWN_PRIVATE,
    P256_ORDER,
    PARTNER_GOOD,
    PARTNER_PRIVATE,
    PAYLOAD,
    STRANGER_PRIVATE,
    Vector,
    accepted,
    encode,
    forge,
    refused,
    with_claims,
)

CONTENT, _, SIGNATURE = GOOD.rpartition(".")
PARTNER_CONTENT, _, PARTNER_SIGNATURE = PARTNER_GOOD.rpartition(".")


def signature_vectors() -> Iterator[Vector]:
    yield from signed_tokens()
    yield from unsigned_tokens()


def signed_tokens() -> Iterator[Vector]:
    """Signatures that must be accepted."""
    yield accepted("good EdDSA", GOOD)
    yield accepted("good ES256", PARTNER_GOOD)
    yield accepted("ES256 signature's twin", f"{PARTNER_CONTENT}.{encode(twin_signature())}")


def twin_signature() -> bytes:
    """The other ECDSA signature of the same content: (r, n - s)."""
    raw = decode_base64url(PARTNER_SIGNATURE)
    return raw[:32] + (P256_ORDER - int.from_bytes(raw[32:], "big")).to_bytes(32, "big")


def unsigned_tokens() -> Iterator[Vector]:
    """Signatures that are none, or of something else, or by somebody else."""
    for alg in ("none", "None", "NONE", "HS256", "RS256", "PS256", "ES384", "EdDSA ", ""):
        content = f"{encode({**HEADER, 'alg': alg})}.{encode(PAYLOAD)}"
        yield refused(
            f"alg {alg!r} without signature", f"{content}.", "an alg that is not the key's"
        )
    for name, secret in public_secrets():
        content = f"{encode({**HEADER, 'alg': 'HS256'})}.{encode(PAYLOAD)}"
        mac = hmac.digest(secret, content.encode(), hashlib.sha256)
        token = f"{content}.{encode(mac)}"
        yield refused(f"HS256 with the public key as {name}", token, "an alg that is not the key's")
    bad = "signature: Signature verification failed"
    yield refused("no signature", f"{CONTENT}.", bad)
    yield refused("half a signature", f"{CONTENT}.{encode(decode_base64url(SIGNATURE)[:32])}", bad)
    yield refused("claims of another token", swap_payload(with_claims(sub="u2")), bad)
    yield refused("signed by a stranger", forge(PAYLOAD, private=STRANGER_PRIVATE), bad)
    yield refused("flipped bit in the signature", f"{CONTENT}.{encode(flip_bit(SIGNATURE))}", bad)
    yield refused("EdDSA with S + L", f"{CONTENT}.{encode(stretch_signature())}", bad)
    yield refused("all-zero EdDSA signature", f"{CONTENT}.{encode(bytes(64))}", bad)
    yield refused("all-zero ES256 signature", f"{PARTNER_CONTENT}.{encode(bytes(64))}", bad)
    yield refused("ES256 signature in DER", f"{PARTNER_CONTENT}.{encode(der_signature())}", bad)
    yield refused("no ES256 signature", f"{PARTNER_CONTENT}.", bad)


def public_secrets() -> Iterator[tuple[str, bytes]]:
    """What a confused verifier might take for an HMAC secret."""
    public = OWN_PRIVATE.public_key()
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    yield "PEM", public.public_bytes(serialization.Encoding.PEM, spki)
    yield "raw bytes", decode_base64url(OWN_JWK["x"])
    yield "JWK", json.dumps(OWN_JWK, separators=(",", ":")).encode()


def swap_payload(payload: dict[str, Any]) -> str:
    header, _, signature = GOOD.split(".")
    return f"{header}.{encode(payload)}.{signature}"


def flip_bit(signature: str) -> bytes:
    raw = decode_base64url(signature)
    return bytes([raw[0] ^ 1]) + raw[1:]


def stretch_signature() -> bytes:
    """The same signature modulo the group's order, which RFC 8032 section 5.1.7 refuses."""
    raw = decode_base64url(SIGNATURE)
    return raw[:32] + (int.from_bytes(raw[32:], "little") + ED25519_ORDER).to_bytes(32, "little")


def der_signature() -> bytes:
    algorithm = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    return PARTNER_PRIVATE.sign(PARTNER_CONTENT.encode(), algorithm)
