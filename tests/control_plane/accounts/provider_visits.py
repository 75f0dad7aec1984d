"""What somebody does to log in by a provider, step by step, with a browser."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from django.test import Client

REDIRECT = "/api/v1/browser/auth/provider/redirect"
DESTINATION = "/login/return?next=/watch"


def leave(client: Client, *, provider: str = "school", accept: str = "", **more: str) -> Any:
    """Ask to be sent to the provider; the answer of the site."""
    form = {"provider": provider, "process": "login", "callback_url": DESTINATION, **more}
    return client.post(REDIRECT, form, headers={"Accept": accept} if accept else {})


def visit(way: str) -> str:
    """What the browser does at the provider; where it is sent back to."""
    answer = requests.get(way, allow_redirects=False, timeout=10)
    assert answer.status_code == 302
    return answer.headers["Location"]


def come_back(client: Client, address: str) -> Any:
    """Follow the way back to the site; its answer."""
    parts = urlsplit(address)
    return client.get(f"{parts.path}?{parts.query}")


def log_in_by(client: Client, *, provider: str = "school", **more: str) -> str:
    """All of it; where one is in the end."""
    way = leave(client, provider=provider, **more).headers["Location"]
    return str(come_back(client, visit(way)).headers["Location"])


def read_error(address: str) -> str | None:
    """The error that an address tells of."""
    return read_query(address).get("error")


def read_query(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
