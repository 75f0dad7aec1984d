"""An OpenID Connect provider on this machine: discovery, authorization, tokens, keys, userinfo.

It lets in whoever comes, as the person that a test says, and can be told to do wrong.
"""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm

CLIENT_ID: Final = "sluice"
CLIENT_SECRET: Final = "not for browsers"
KEY_ID: Final = "the one"
PERSON: Final = {
    "sub": "ada-at-school",
    "email": "ada@example.org",
    "email_verified": True,
    "name": "Ada Lovelace",
    "given_name": "Ada",
    "family_name": "Lovelace",
}

Form = dict[str, str]


def make_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


own_key: Final = cache(make_key)  # the same for all: to make one takes long


@dataclass
class OpenIdServer:
    """A provider as a test sees it: where it is, whom it knows, what it was asked."""

    url: str = ""
    key: RSAPrivateKey = field(default_factory=own_key)
    person: dict[str, Any] = field(default_factory=lambda: dict(PERSON))
    # What it says instead of what is right: in ID tokens, in its metadata, at the end of a visit.
    claims: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    refusal: str = ""
    userinfo: dict[str, Any] | None = None
    asked: list[tuple[str, Form]] = field(default_factory=list)
    codes: dict[str, Form] = field(default_factory=dict)

    def become_new(self) -> None:
        """As it was made, with a person whom nobody has seen yet."""
        fresh, name = OpenIdServer(), secrets.token_hex(4)
        self.person = {**fresh.person, "sub": name, "email": f"{name}@example.org"}
        self.claims, self.metadata, self.refusal, self.userinfo = {}, {}, "", None

    @property
    def setting(self) -> dict[str, str]:
        """Itself, as an operator tells of it."""
        return {
            "id": "school",
            "name": "Our school",
            "server_url": self.url,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
        }

    def describe(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "userinfo_endpoint": f"{self.url}/userinfo",
            **self.metadata,
        }

    def list_keys(self) -> dict[str, Any]:
        public = RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [{**public, "kid": KEY_ID, "alg": "RS256", "use": "sig"}]}

    def sign(self, *, key: Any = None, algorithm: str = "RS256", **claims: Any) -> str:
        """An ID token about the person; claims that are None are left out."""
        now = int(time.time())
        said = {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 300, **self.person}
        said.update({**self.claims, **claims})
        kept = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(kept, key or self.key, algorithm, headers={"kid": KEY_ID})

    def authorize(self, asked: Form) -> str:
        """Where the browser is sent: back, with a code or with what is the matter."""
        assert asked["client_id"] == CLIENT_ID
        answer = {"state": asked["state"]}
        if self.refusal:
            answer["error"] = self.refusal
        else:
            answer["code"] = secrets.token_urlsafe()
            self.codes[answer["code"]] = asked
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    def trade(self, form: Form) -> dict[str, Any] | None:
        """Tokens for a code, once, to whom it was given (RFC 6749, 7636); else None."""
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        is_good = (
            asked is not None
            and form.get("client_secret") == CLIENT_SECRET
            and form.get("redirect_uri") == asked["redirect_uri"]
            and challenge == asked["code_challenge"]
        )
        if asked is None or not is_good:
            return None
        id_token = self.sign(**{"nonce": asked["nonce"], **self.claims})
        return {"access_token": "for userinfo", "token_type": "Bearer", "id_token": id_token}


class _Handler(BaseHTTPRequestHandler):
    provider: OpenIdServer

    def do_GET(self) -> None:
        place, query = urlsplit(self.path).path, urlsplit(self.path).query
        asked = _flatten(query)
        self.provider.asked.append((place, asked))
        if place == "/authorize":
            self.send_response(302)
            self.send_header("Location", self.provider.authorize(asked))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self._answer(
            {
                "/.well-known/openid-configuration": self.provider.describe(),
                "/keys": self.provider.list_keys(),
                "/userinfo": self.provider.userinfo or self.provider.person,
            }.get(place)
        )

    def do_POST(self) -> None:
        form = _flatten(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.provider.asked.append((self.path, form))
        self._answer(self.provider.trade(form))

    def _answer(self, document: dict[str, Any] | None) -> None:
        body = json.dumps(document or {"error": "invalid_grant"}).encode()
        self.send_response(400 if document is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_facts: Any) -> None:
        """Nothing is printed."""


def _flatten(query: str) -> Form:
    return {name: values[0] for name, values in parse_qs(query).items()}


@contextmanager
def serve_openid_provider() -> Iterator[OpenIdServer]:
    """A provider on a free port."""
    provider = OpenIdServer()
    handler = type("Handler", (_Handler,), {"provider": provider})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        provider.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
