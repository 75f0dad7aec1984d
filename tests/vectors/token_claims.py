"""Claims, each with a good signature: good ones, untimely, unreadable and meaningless ones."""

import json
from collections.abc import Iterator
from typing import Any, Final

from tests.vectors.token_material import (
    ASSET_ID,
    GOOD,
    HEADER,
    NOW,
    PAYLOAD,
    Vector,
    accepted,
    forge,
    refused,
    with_claims,
)

DEEP: Final = "[" * 500 + "]" * 500
EVERY_LIMIT: Final = with_claims(
    aud=["watch", "edge"],
    kinds=["poster", "video"],
    max_height=720,
    max_streams=2,
    origins=["https://watch.example", "https://watch.example:8443", "capacitor://localhost"],
    origins_strict=True,
    ip="2001:db8::/32",
    sby=NOW + 60,
    cdniv=1,
    cdnicrit="exp,max_height,ip",
    acr="of no concern here",
)


def claim_vectors() -> Iterator[Vector]:
    yield from good_claims()
    yield from untimely_tokens()
    yield from unreadable_claims()
    yield from meaningless_claims()
    yield from undeliverable_claims()


def good_claims() -> Iterator[Vector]:
    """What must be accepted."""
    yield accepted("one asset", forge(with_claims(vid=..., ast=ASSET_ID)))
    yield accepted("every limit", forge(EVERY_LIMIT))
    yield accepted("aud list", forge(with_claims(aud=["watch", "edge"])))
    yield accepted("no jti", forge(with_claims(jti=...)))
    yield accepted("unknown claims", forge(with_claims(scope="x", cdniets=30, azp=None)))
    yield accepted("white space in JSON", forge(json.dumps(PAYLOAD, indent=1)))
    yield accepted("white space in header", forge(PAYLOAD, header=json.dumps(HEADER, indent=1)))
    yield accepted("escapes in JSON", forge(json.dumps(PAYLOAD).replace("sid", r"\u0073id")))
    yield accepted("longest life", forge(with_claims(exp=NOW + 24 * 3600)))
    yield accepted(
        "origin with its default port", forge(with_claims(origins=["HTTPS://A.example:443"]))
    )
    yield accepted("single address", forge(with_claims(ip="192.0.2.7")))
    yield accepted("clock 30 s behind", forge(PAYLOAD), now=NOW - 30)
    yield accepted("last second", forge(PAYLOAD), now=NOW + 3599)


def untimely_tokens() -> Iterator[Vector]:
    """Good tokens at the wrong time."""
    yield refused("expired", GOOD, "expired 0 s ago", refusal="TokenExpired", now=NOW + 3600)
    yield refused(
        "long expired", GOOD, "expired 86400 s ago", refusal="TokenExpired", now=NOW + 90_000
    )
    yield refused("not yet valid", GOOD, "not valid yet", now=NOW - 31)
    late = forge(with_claims(nbf=NOW - 60, iat=NOW + 31))
    yield refused("issued in the future", late, "not valid yet")


def unreadable_claims() -> Iterator[Vector]:
    """Claims that are not JSON as RFC 8725 wants it, each with a good signature."""
    text = json.dumps(PAYLOAD)
    for name, payload, because in (
        ("array", f"[{text}]", "not a JSON object"),
        ("empty", "", "not JSON"),
        ("no JSON", "sub=u1", "not JSON"),
        ("text after", text + "{}", "not JSON"),
        ("byte order mark", "\ufeff" + text, "not JSON"),
        ("not UTF-8", text.encode().replace(b"u1", b"u\xff"), "not JSON"),
        ("UTF-16", text.encode("utf-16-le"), "not JSON"),
        ("lone surrogate", text.replace("u1", r"\ud800"), "claims: "),
        ("doubled member", text.replace("}", ',"sub":"u2"}'), "a member twice"),
        ("doubled by an escape", text.replace("}", r',"s\u0075b":"u2"}'), "a member twice"),
        ("doubled further in", text.replace("}", ',"x":{"a":1,"a":1}}'), "a member twice"),
        ("huge integer", text.replace(f"{NOW + 3600}", "9" * 400), "an integer too large"),
        ("16 digits", text.replace(f"{NOW + 3600}", "1" * 16), "an integer too large"),
        ("fraction", text.replace(f"{NOW + 3600}", f"{NOW + 3600}.0"), "not an integer"),
        ("exponent", text.replace(f"{NOW + 3600}", "1e10"), "not an integer"),
        ("overflowing exponent", text.replace(f"{NOW + 3600}", "1e999"), "not an integer"),
        ("NaN", text.replace(f"{NOW + 3600}", "NaN"), "not an integer"),
        ("Infinity", text.replace(f"{NOW + 3600}", "Infinity"), "not an integer"),
        ("-Infinity", text.replace("}", ',"x":-Infinity}'), "not an integer"),
        ("control character", text.replace("u1", "u\n1"), "not JSON"),
    ):
        yield refused(f"claims: {name}", forge(payload), because)
    deep = forge(text.replace("}", f',"x":{DEEP}}}'))
    yield refused("claims: deep nesting", deep, "too many arrays and objects")


def meaningless_claims() -> Iterator[Vector]:
    """Well-formed claims that say nothing that could be granted."""
    yield refused("no aud", forge(with_claims(aud=...)), "aud is missing")
    for name in ("exp", "iat", "iss", "nbf", "sid", "sub"):
        yield refused(f"no {name}", forge(with_claims(**{name: ...})), f"{name}: Field required")
    yield refused("neither vid nor ast", forge(with_claims(vid=...)), "exactly one of vid and ast")
    yield refused("vid and ast", forge(with_claims(ast=ASSET_ID)), "exactly one of vid and ast")
    yield refused("too long a life", forge(with_claims(exp=NOW + 86_401)), "lives longer")
    yield refused("over at once", forge(with_claims(exp=NOW)), "expires before it begins")
    yield refused("over before nbf", forge(with_claims(nbf=NOW + 3600)), "expires before it begins")
    yield refused("jti of another", forge(with_claims(jti="s2")), "jti and sid differ")
    yield refused("jti a number", forge(with_claims(jti=1)), "jti and sid differ")
    yield refused(
        "origins_strict alone", forge(with_claims(origins_strict=True)), "without origins"
    )
    for claim, values in IMPOSSIBLE_VALUES.items():
        for value in values:
            yield refused(f"{claim} {value!r}", forge(with_claims(**{claim: value})), f"{claim}")
    for claim in NULLABLE:
        yield refused(f"{claim} null", forge(with_claims(**{claim: None})), "a claim that is null")


IMPOSSIBLE_VALUES: Final[dict[str, tuple[Any, ...]]] = {
    "aud": ("Edge", "edge ", "", [], ["watch"], [["edge"]], ["edge", 1], {"edge": 1}, 1),
    "exp": (-1, "1767229200", True, [NOW]),
    "iat": (-1, str(NOW), True),
    "nbf": (-1, str(NOW), True),
    "sub": ("", "x" * 129, 1, ["u1"], "u\n1", "u\x7f"),
    "sid": ("", "x" * 129, 1, "s\0"),
    "vid": ("", "x", PAYLOAD["vid"].upper(), f"{{{PAYLOAD['vid']}}}", 1, "../" * 12),
    "kinds": ([], ["film"], ["video", 1], "video", ["VIDEO"], {"video": True}),
    "max_height": (0, -720, True, "720"),
    "max_streams": (0, -1, True, "1"),
    "origins": ([], "https://a.example", ["*"], ["null"], ["https://a.example/"], ["a.example"],
                ["https://a.example", 1], ["https://"], ["https://a b"], ["https://::1"]),
    "origins_strict": (1, "true"),
    "ip": ("192.0.2.1/24", "2001:db8::1/32", "192.0.2.0/255.255.255.0", "192.0.2.0/33",
           "fe80::%eth0/64", "::ffff:192.0.2.0/120", "192.0.2", "localhost", "", 1),
    "sby": (-1, str(NOW), True),
}  # fmt: skip
NULLABLE: Final = (
    "aud", "exp", "iat", "nbf", "iss", "sub", "sid", "jti", "vid", "ast", "cdniv",
    "kinds", "max_height", "max_streams", "origins", "origins_strict", "ip", "sby",
)  # fmt: skip


def undeliverable_claims() -> Iterator[Vector]:
    """RFC 9246: another version, or limits that are not offered."""
    for version in (0, 2, True, "1"):
        token = forge(with_claims(cdniv=version))
        yield refused(f"cdniv {version!r}", token, "an unknown version")
    for critical in ("cdniuc", "exp,geo", "exp, nbf", "", ",", ["exp"], 1, None, True):
        token = forge(with_claims(cdnicrit=critical))
        yield refused(f"cdnicrit {critical!r}", token, "a critical claim")
    for claim in ("cdniip", "cdniuc"):
        yield refused(claim, forge(with_claims(**{claim: "x"})), "a limit that is not offered")
