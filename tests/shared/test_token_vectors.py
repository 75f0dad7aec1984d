"""The fixed tokens of `tests/vectors/tokens.json`: what the format takes and what it refuses."""

import json
from typing import Any

import pytest

from shared.keyring import parse_jwks
from shared.tokens import TokenError, check_clock, verify_token
from tests.vectors.make_tokens import VECTORS_FILE, render_vectors

DOCUMENT = json.loads(VECTORS_FILE.read_bytes())
KEYS = {
    kid: key
    for issuer, jwks in DOCUMENT["jwks"].items()
    for kid, key in parse_jwks(json.dumps(jwks).encode(), issuer=issuer).items()
}


def name_of(vector: dict[str, Any]) -> str:
    return str(vector["name"])


@pytest.mark.parametrize(
    "vector", [v for v in DOCUMENT["tokens"] if v["refusal"] is None], ids=name_of
)
def test_good_vector_is_accepted(vector: dict[str, Any]) -> None:
    check_clock(verify_token(vector["token"], KEYS), now=vector["now"])


@pytest.mark.parametrize("vector", [v for v in DOCUMENT["tokens"] if v["refusal"]], ids=name_of)
def test_bad_vector_is_refused_for_its_reason(vector: dict[str, Any]) -> None:
    with pytest.raises(TokenError) as refusal:
        check_clock(verify_token(vector["token"], KEYS), now=vector["now"])
    assert type(refusal.value).__name__ == vector["refusal"]
    assert vector["because"] in str(refusal.value)


def test_vectors_are_what_their_script_writes() -> None:
    assert VECTORS_FILE.read_text() == render_vectors()


def test_vectors_have_names_of_their_own() -> None:
    names = [name_of(vector) for vector in DOCUMENT["tokens"]]
    assert len(names) == len(set(names))
