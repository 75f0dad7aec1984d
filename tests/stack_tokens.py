"""Tokens of the running system that its API would not issue, signed with its own key."""

import time
import uuid
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import psycopg
from cryptography.fernet import Fernet

from shared.keyring import SigningKey, load_signing_key
from shared.paths import MAIN_PLAYLIST as MAIN
from shared.paths import media_path, parse_media_path, tokenless_path
from shared.tokens import Claims, issue_token
from standalone.postgres import Postgres
from tests.players import Transport
from tests.stack import Stack
from tests.wire import Exchange


@dataclass(frozen=True, slots=True)
class Ticket:
    """A token for the demo film, and what it says."""

    token: str
    claims: Claims

    def url(self, base: str, transport: Transport = Transport.PATH, *, name: str = MAIN) -> str:
        """Where a file of the film is for a player that carries the token so."""
        if transport is Transport.PATH:
            return base + media_path(self.token, str(self.claims.asset_id), name)
        query = f"?token={self.token}" if transport is Transport.QUERY else ""
        return base + tokenless_path(str(self.claims.asset_id), name) + query

    def find_carriers(self, exchange: Exchange) -> set[Transport]:
        """Where a request holds the token."""
        places = {
            Transport.PATH: urlsplit(exchange.target).path,
            Transport.QUERY: urlsplit(exchange.target).query,
            Transport.COOKIE: exchange.headers.get("cookie", ""),
            Transport.HEADER: exchange.headers.get("authorization", ""),
        }
        return {transport for transport, text in places.items() if self.token in text}


def sign(stack: Stack, *, life_s: int = 600, **limits: Any) -> Ticket:
    """A ticket of a new session, good from now for `life_s`."""
    key = read_signing_key(stack)
    now = int(time.time())
    claims = Claims(
        issuer=key.issuer,
        subject="player",
        session_id=str(uuid.uuid4()),
        asset_id=find_asset(stack),
        issued_at=now,
        not_before=now,
        expires_at=now + life_s,
        **limits,
    )
    return Ticket(issue_token(claims, key), claims)


def find_asset(stack: Stack) -> str:
    """The demo film's asset, as the announced URL names it."""
    url = parse_media_path(stack.announced["playback_url"].removeprefix(stack.edge_url))
    assert url is not None
    assert url.asset_id is not None
    return url.asset_id


@cache
def read_signing_key(stack: Stack) -> SigningKey:
    """The key that signs at present, out of the control plane's table."""
    database = Postgres(
        folder=stack.state / "postgres",
        sockets=stack.state / "run" / "postgres",
        password=stack.secret("postgres_password"),
    )
    with psycopg.connect(database.url) as connection:
        row = connection.execute(
            "SELECT encrypted_private FROM signing_signingkey WHERE stage = 'current'"
        ).fetchone()
    assert row is not None
    pem = Fernet(stack.secret("kek")).decrypt(bytes(row[0]))
    return load_signing_key(pem, issuer=stack.control_url)
