"""Tests for control_plane/accounts/passkeys.py: log-in, and a second step, by WebAuthn."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from fido2 import cbor
from fido2.utils import websafe_encode
from pytest_django import Settings

from control_plane.accounts import passkeys
from control_plane.accounts.models import User
from tests.control_plane.accounts.journeys import EMAIL, Tokens, call, join, try_log_in
from tests.control_plane.accounts.second_steps import (
    PASSKEYS,
    add_passkey,
    give_password,
    prove_password,
    read_tokens,
    set_up_app,
)
from tests.control_plane.accounts.software_key import SoftwareKey

pytestmark = pytest.mark.django_db

LOG_IN = "auth/webauthn/login"
STEP = "auth/webauthn/authenticate"
PROOF = "auth/webauthn/reauthenticate"


def begin() -> tuple[Any, dict[str, str]]:
    """What a key has to sign, and the header that goes with it."""
    answer = call("GET", LOG_IN).json()
    return answer["data"], {"X-Session-Token": answer["meta"]["session_token"]}


def log_in(key: SoftwareKey) -> Any:
    options, header = begin()
    return call("POST", LOG_IN, {"credential": key.sign(options)}, **header)


def list_factors(tokens: Tokens) -> list[dict[str, Any]]:
    factors: list[dict[str, Any]] = call("GET", "account/authenticators", **tokens.headers).json()[
        "data"
    ]
    return sorted(factors, key=lambda factor: str(factor["type"]), reverse=True)  # passkeys first


@pytest.fixture
def key() -> SoftwareKey:
    """A key in the account of `EMAIL`."""
    made = SoftwareKey()
    answer = add_passkey(join(), made)
    assert answer.status_code == 200
    assert answer.json()["meta"] == {"recovery_codes_generated": True}
    return made


def test_a_passkey_logs_in_without_address_and_password(key: SoftwareKey) -> None:
    answer = log_in(key)
    assert answer.status_code == 200
    assert call("GET", "me", **read_tokens(answer).headers).json()["email"] == EMAIL


def test_a_passkey_is_enough_beside_an_app(key: SoftwareKey) -> None:
    set_up_app(read_tokens(log_in(key)))
    assert log_in(key).status_code == 200


def test_after_the_password_the_passkey_is_asked(key: SoftwareKey) -> None:
    header = give_password()
    options = call("GET", STEP, **header).json()["data"]
    answer = call("POST", STEP, {"credential": key.sign(options)}, **header)
    assert call("GET", "me", **read_tokens(answer).headers).status_code == 200


def test_a_passkey_of_another_account_is_no_second_step(key: SoftwareKey) -> None:
    other, header = SoftwareKey(), give_password()
    add_passkey(join("bob@example.org"), other)
    options = call("GET", STEP, **header).json()["data"]
    assert call("POST", STEP, {"credential": other.sign(options)}, **header).status_code == 400
    assert call("POST", STEP, {"credential": key.sign(options)}, **header).status_code == 200


def test_a_passkey_proves_who_is_logged_in(key: SoftwareKey) -> None:
    tokens = read_tokens(log_in(key))
    rename = {"id": Authenticator.objects.get(type="webauthn").pk, "name": "Phone"}
    assert call("PUT", PASSKEYS, rename, **tokens.headers).status_code == 401
    options = call("GET", PROOF, **tokens.headers).json()["data"]
    proof = {"credential": key.sign(options)}
    assert call("POST", PROOF, proof, **tokens.headers).status_code == 200
    assert call("PUT", PASSKEYS, rename, **tokens.headers).status_code == 200


def test_what_was_signed_once_is_not_taken_again(key: SoftwareKey) -> None:
    options, header = begin()
    signed = {"credential": key.sign(options)}
    assert call("POST", LOG_IN, signed, **header).status_code == 200
    _, fresh = begin()
    assert call("POST", LOG_IN, signed, **fresh).status_code == 400


def test_a_page_of_another_site_gets_nothing_signed_that_counts() -> None:
    key = SoftwareKey("https://testserver.evil.example")
    assert add_passkey(join(), key).status_code == 400


def test_strangers_and_wrong_keys_are_refused_alike(key: SoftwareKey) -> None:
    options, header = begin()
    handle = {"user": {"id": websafe_encode(str(User.objects.get().pk).encode())}}
    nobody = {"user": {"id": websafe_encode(b"01a22177-541f-7307-a38c-24142036f84d")}}
    asked = {"rp": {"id": "testserver"}, "challenge": "AAAA"}
    answers = []
    for user in (handle, nobody):
        wrong = SoftwareKey()
        wrong.register({"creation_options": {"publicKey": {**asked, **user}}})
        answers.append(call("POST", LOG_IN, {"credential": wrong.sign(options)}, **header))
    first, second = answers
    assert first.status_code == 400
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert call("POST", LOG_IN, {"credential": key.sign(options)}, **header).status_code == 200


def test_an_account_that_was_shut_gets_nothing(key: SoftwareKey) -> None:
    User.objects.update(is_active=False)
    answer = log_in(key)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert "access_token" not in answer.json()["meta"]


BROKEN: list[tuple[str, object]] = [
    ("rawId", None),
    ("id", "other"),
    ("response", {}),
    ("clientExtensionResults", "none"),
    ("response.clientDataJSON", "é"),
    ("response.clientDataJSON", websafe_encode(b"{}")),
    ("response.clientDataJSON", websafe_encode(b"[]")),
    ("response.attestationObject", ""),
    ("response.attestationObject", websafe_encode(cbor.encode({}))),
    ("response.authenticatorData", "AAAA"),
    ("response.signature", 7),
    ("response.userHandle", "AAAA"),
    ("response.userHandle", None),
    ("extra", "x" * 20_000),
]


def break_at(credential: dict[str, Any], place: str, value: object) -> dict[str, Any]:
    name, _, inner = place.partition(".")
    return {**credential, name: {**credential[name], inner: value} if inner else value}


@pytest.mark.parametrize(("place", "value"), BROKEN, ids=lambda value: str(value)[:30])
def test_what_is_no_credential_is_refused(place: str, value: object, key: SoftwareKey) -> None:
    options, header = begin()
    body = {"credential": break_at(key.sign(options), place, value)}
    if not place.endswith("attestationObject"):
        assert call("POST", LOG_IN, body, **header).status_code == 400
    if "." not in place or place.split(".")[1] in ("clientDataJSON", "attestationObject"):
        tokens, other = join("bob@example.org"), SoftwareKey()
        prove_password(tokens)
        options = call("GET", PASSKEYS, **tokens.headers).json()["data"]
        body = {"credential": break_at(other.register(options), place, value)}
        assert call("POST", PASSKEYS, body, **tokens.headers).status_code == 400


def test_a_key_that_nobody_could_verify_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SoftwareKey, "public_key", {1: 2, 3: -65000})
    assert add_passkey(join(), SoftwareKey()).status_code == 400
    assert not Authenticator.objects.exists()


def test_a_name_that_is_too_long_is_refused() -> None:
    answer = add_passkey(join(), SoftwareKey(), name="x" * 101)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "name")


def test_there_is_an_end_to_the_passkeys_of_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passkeys, "MOST_PASSKEYS", 1)
    tokens = join()
    assert add_passkey(tokens, SoftwareKey()).status_code == 200
    answer = add_passkey(tokens, SoftwareKey())
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "too_many")


def test_passkeys_are_listed_renamed_and_removed_by_their_holder_alone() -> None:
    mine, other = join(), join("bob@example.org")
    add_passkey(mine, SoftwareKey())
    add_passkey(other, SoftwareKey())
    (listed, _) = list_factors(mine)
    assert listed.items() >= {"type": "webauthn", "name": "A key", "is_passwordless": True}.items()
    foreign = list_factors(other)[0]["id"]
    assert call("PUT", PASSKEYS, {"id": foreign, "name": "x"}, **mine.headers).status_code == 400
    body = {"authenticators": [foreign]}
    assert call("DELETE", PASSKEYS, body, **mine.headers).status_code == 400
    call("PUT", PASSKEYS, {"id": listed["id"], "name": "Phone"}, **mine.headers)
    assert list_factors(mine)[0]["name"] == "Phone"
    body = {"authenticators": [listed["id"]]}
    assert call("DELETE", PASSKEYS, body, **mine.headers).status_code == 200
    assert list_factors(mine) == []
    assert try_log_in().status_code == 200


@pytest.mark.parametrize(
    ("domain", "named"), [(None, "testserver"), ("example.org", "example.org")]
)
def test_passkeys_belong_to_the_domain_of_a_request_or_of_a_setting(
    domain: str | None, named: str, settings: Settings
) -> None:
    settings.CONFIG = settings.CONFIG.model_copy(update={"passkey_domain": domain})
    options, _ = begin()
    assert options["request_options"]["publicKey"]["rpId"] == named
