"""docs/tokens.md says what the code does, and its example is a token that is taken."""

import json
import re
import runpy
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives import serialization

from edge.gate.credentials import COOKIE_NAME, QUERY_NAME
from shared.events.refusals import RefusalCode
from shared.keyring import MAX_KEYS, parse_jwks
from shared.paths import Kind, parse_media_path
from shared.tokens import (
    CLOCK_SKEW,
    MAX_TOKEN_LENGTH,
    MAX_TOKEN_LIFE,
    TOKEN_TYPE,
    Claims,
    check_clock,
    verify_token,
)
from tests.house.tracked_files import ROOT
from tests.vectors.token_material import OWN_PRIVATE

TEXT: Final = (ROOT / "docs" / "tokens.md").read_text()
WORDS: Final = set(re.findall(r"`([^`\n]+)`", TEXT))
SPECIFICATION: Final = (ROOT / "shared" / "tokens.py").read_text().split('"""')[1]


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the page's example leaves behind, run beside a key."""
    pem = OWN_PRIVATE.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (tmp_path / "key.pem").write_bytes(pem)
    (tmp_path / "example.py").write_text("\n".join(re.findall(r"```python\n(.*?)```", TEXT, re.S)))
    monkeypatch.chdir(tmp_path)
    return runpy.run_path("example.py")


def test_example_is_a_token_that_is_taken(example: dict[str, Any]) -> None:
    keys = parse_jwks(json.dumps(example["jwks"]).encode(), issuer=example["claims"]["iss"])
    claims = verify_token(example["token"], keys)
    check_clock(claims, now=example["now"])
    assert (claims.video_id, claims.max_height) == (example["film"], 720)


def test_example_is_a_url_of_the_edge(example: dict[str, Any]) -> None:
    url = parse_media_path(example["url"].removeprefix("https://edge.example"))
    assert url is not None
    assert (url.token, url.video_id) == (example["token"], example["film"])


def claim_names() -> set[str]:
    return {field.alias or name for name, field in Claims.model_fields.items()} | {"jti"}


def test_every_claim_is_in_the_table() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| ", TEXT.partition("## Claims")[2].partition("\n## ")[0], re.M
    )
    assert set(rows) == claim_names()


@pytest.mark.parametrize("name", sorted(claim_names()))
def test_specification_tells_of_every_claim(name: str) -> None:
    assert re.search(rf"\b{name}\b", SPECIFICATION)


def test_every_kind_and_every_refusal_is_named() -> None:
    assert {kind.value for kind in Kind} <= WORDS
    assert {code.value for code in RefusalCode} <= WORDS


def test_names_of_the_cookie_and_the_parameter_are_those_of_the_edge() -> None:
    assert COOKIE_NAME in WORDS
    assert f"?{QUERY_NAME}=<token>" in TEXT


def test_limits_are_those_of_the_code() -> None:
    assert f"`{TOKEN_TYPE}`" in TEXT
    assert f"at most {MAX_TOKEN_LIFE // 3600} h after `iat`" in TEXT
    assert f"more than {MAX_TOKEN_LENGTH} characters" in TEXT
    assert f"may be {CLOCK_SKEW} s behind" in TEXT
    assert f"at most {MAX_KEYS} keys" in TEXT
