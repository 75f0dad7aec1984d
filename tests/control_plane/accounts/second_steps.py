"""What somebody does to log in with more than a password, through the API."""

import base64
import hmac
import struct
import time
from typing import Any, Final

from tests.control_plane.accounts.journeys import EMAIL, PASSWORD, Tokens, call, try_log_in
from tests.control_plane.accounts.software_key import SoftwareKey

APP: Final = "account/authenticators/totp"
PASSKEYS: Final = "account/authenticators/webauthn"
RECOVERY: Final = "account/authenticators/recovery-codes"
CODE: Final = "auth/2fa/authenticate"
STEP_S: Final = 30


def show_code(secret: str, *, ahead: int = 0) -> str:
    """The code that an authenticator app shows now, or some steps later (RFC 6238)."""
    counter = struct.pack(">Q", int(time.time()) // STEP_S + ahead)
    digest = hmac.digest(base64.b32decode(secret), counter, "sha1")
    offset = digest[-1] & 0x0F
    (number,) = struct.unpack(">I", digest[offset : offset + 4])
    return f"{(number & 0x7FFFFFFF) % 10**6:06}"


def prove_password(tokens: Tokens) -> None:
    """What is asked before a second factor is changed."""
    body = {"password": PASSWORD}
    assert call("POST", "auth/reauthenticate", body, **tokens.headers).status_code == 200


def set_up_app(tokens: Tokens) -> str:
    """Have an authenticator app; its secret. The code of this moment is used then."""
    prove_password(tokens)
    secret: str = call("GET", APP, **tokens.headers).json()["meta"]["secret"]
    answer = call("POST", APP, {"code": show_code(secret)}, **tokens.headers)
    assert answer.status_code == 200
    return secret


def add_passkey(tokens: Tokens, key: SoftwareKey, **facts: str) -> Any:
    """Have a passkey that logs in by itself; the answer."""
    prove_password(tokens)
    options = call("GET", f"{PASSKEYS}?passwordless", **tokens.headers).json()["data"]
    body = {"name": "A key", **facts, "credential": key.register(options)}
    return call("POST", PASSKEYS, body, **tokens.headers)


def give_password(email: str = EMAIL) -> dict[str, str]:
    """The first step; the header that the second one needs."""
    answer = try_log_in(email)
    assert (answer.status_code, answer.json()["code"]) == (401, "mfa_authenticate_pending")
    return {"X-Session-Token": answer.json()["meta"]["session_token"]}


def give_code(code: str, email: str = EMAIL) -> Any:
    """Log in with password and code."""
    return call("POST", CODE, {"code": code}, **give_password(email))


def read_tokens(answer: Any) -> Tokens:
    meta = answer.json()["meta"]
    return Tokens(meta["access_token"], meta["refresh_token"])
