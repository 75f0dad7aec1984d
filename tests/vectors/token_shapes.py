"""Texts that are no compact JWS, and headers that are not ours."""

import json
from collections.abc import Iterator
from typing import Any, Final

from tests.vectors.token_material import (
    GOOD,
    HEADER,
    ISSUER,
    OWN_PRIVATE,
    PARTNER,
    PARTNER_CLAIMS,
    PARTNER_HEADER,
    PARTNER_PRIVATE,
    PAYLOAD,
    STRANGER_JWK,
    STRANGER_PRIVATE,
    Vector,
    encode,
    forge,
    refused,
    sign,
    with_claims,
)

DEEP: Final = "[" * 500 + "]" * 500
CONTENT: Final = GOOD.rpartition(".")[0]


def shape_vectors() -> Iterator[Vector]:
    yield from misshapen_tokens()
    yield from misheaded_tokens()
    yield from misnamed_tokens()
    yield from unreadable_headers()


def misshapen_tokens() -> Iterator[Vector]:
    """Texts that are no compact JWS, or one in another spelling."""
    header, payload, signature = GOOD.split(".")
    yield refused("empty", "", "not three parts")
    yield refused("two parts", CONTENT, "not three parts")
    yield refused("five parts, a JWE", f"{GOOD}.{payload}.{payload}", "not three parts")
    yield refused("three empty parts", "..", "not JSON")
    yield refused("too long", forge(with_claims(pad="x" * 2048)), "too long")
    yield refused("space before", f" {GOOD}", "not base64url")
    yield refused("line end after", f"{GOOD}\n", "not base64url")
    yield refused("not ASCII", f"{header}.{payload}\u00e9.{signature}", "not base64url")
    yield refused("NUL inside", f"{header}.{payload}\0.{signature}", "not base64url")
    yield refused("padding", f"{GOOD}==", "not base64url")
    yield refused("spare bits in the signature", f"{CONTENT}.{respell(signature)}", "not base64url")
    loose = encode(json.dumps(PAYLOAD) + " " * (2 - len(json.dumps(PAYLOAD)) % 3))
    yield refused(
        "spare bits in the claims", sign_text(f"{header}.{respell(loose)}"), "not base64url"
    )
    yield refused("the other alphabet", GOOD.replace("-", "+").replace("_", "/"), "not base64url")
    yield refused("a single letter as signature", f"{CONTENT}.A", "not base64url")


def respell(part: str) -> str:
    """The same bytes with a spare bit set in the last letter."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return part[:-1] + alphabet[alphabet.index(part[-1]) | 1]


def sign_text(content: str) -> str:
    return f"{content}.{encode(sign(OWN_PRIVATE, content.encode()))}"


def misheaded_tokens() -> Iterator[Vector]:
    """Headers that want something of the verifier, each with a good signature over it."""
    exactly = "header: exactly"
    extras: dict[str, Any] = {
        "crit": ["exp"],
        "b64": False,
        "jwk": STRANGER_JWK,
        "jku": "https://evil.example/jwks.json",
        "x5u": "https://evil.example/cert.pem",
        "x5c": ["MIIB"],
        "x5t": "AAAA",
        "cty": "JWT",
        "zip": "DEF",
        "nonce": 1,
    }
    for name, value in extras.items():
        yield refused(
            f"header with {name}", forge(PAYLOAD, header={**HEADER, name: value}), exactly
        )
    detached = {**HEADER, "b64": False, "crit": ["b64"]}
    yield refused("header with b64 and crit", forge(PAYLOAD, header=detached), exactly)
    embedded = forge(PAYLOAD, header={**HEADER, "jwk": STRANGER_JWK}, private=STRANGER_PRIVATE)
    yield refused("signed with the embedded jwk", embedded, exactly)
    for name in HEADER:
        bare = {member: value for member, value in HEADER.items() if member != name}
        yield refused(f"header without {name}", forge(PAYLOAD, header=bare), exactly)
    for typ in ("JWT", "at+jwt", "VOD+JWT", "application/vod+jwt", None, 1):
        yield refused(f"typ {typ!r}", forge(PAYLOAD, header={**HEADER, "typ": typ}), exactly)


def misnamed_tokens() -> Iterator[Vector]:
    """A `kid` or an `alg` that does not fit."""
    for kid in ("", "x", "../../etc/passwd", "' OR 1=1 --", STRANGER_JWK["kid"]):
        token = forge(PAYLOAD, header={**HEADER, "kid": kid}, private=STRANGER_PRIVATE)
        yield refused(f"kid {kid!r}", token, "unknown kid", refusal="KeyUnknown")
    for value in (None, 1, ["x"], {"x": 1}):
        token = forge(PAYLOAD, header={**HEADER, "kid": value})
        yield refused(f"kid {value!r}", token, "a kid that is no string")
    other = "an alg that is not the key's"
    yield refused(
        "ES256 for an EdDSA key", forge(PAYLOAD, header={**HEADER, "alg": "ES256"}), other
    )
    confused = forge(PARTNER_CLAIMS, header={**PARTNER_HEADER, "alg": "EdDSA"})
    yield refused("EdDSA for an ES256 key", confused, other)
    yield refused("alg list", forge(PAYLOAD, header={**HEADER, "alg": ["EdDSA"]}), other)
    for issuer in (PARTNER, f"{ISSUER}/", "HTTPS://sluice.example", "https://evil.example"):
        token = forge(with_claims(iss=issuer))
        yield refused(f"our key for iss {issuer}", token, "an iss that is not the key's")
    stolen = forge(PAYLOAD, header=PARTNER_HEADER, private=PARTNER_PRIVATE)
    yield refused("the partner's key for our iss", stolen, "an iss that is not the key's")


def unreadable_headers() -> Iterator[Vector]:
    text = json.dumps(HEADER)
    headers: dict[str, str | bytes] = {
        "array": "[]",
        "string": '"x"',
        "null": "null",
        "empty": "",
        "not UTF-8": b'{"alg":"EdDSA\xff"}',
        "UTF-16": text.encode("utf-16"),
        "byte order mark": "\ufeff" + text,
        "doubled alg": text.replace("{", '{"alg":"none",'),
        "doubled kid": text.replace("}", f',"kid":"{STRANGER_JWK["kid"]}"}}'),
        "comment": text + "//",
        "NaN": text.replace('"EdDSA"', "NaN"),
    }
    for name, header in headers.items():
        yield refused(f"header: {name}", forge({}, header=header), "not ")
    deep = forge({}, header=f'{{"alg":{DEEP}}}')
    yield refused("header: deep nesting", deep, "too many arrays and objects")
    wide = forge({}, header=text.replace("}", f',"x":[{"[]," * 40}[]]}}'))
    yield refused("header: many arrays", wide, "too many arrays and objects")
