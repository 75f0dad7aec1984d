"""Tests for control_plane/accounts/providers/outbound.py: where calls to providers end."""

import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
import requests

from control_plane.accounts.providers import outbound
from control_plane.accounts.providers.outbound import ProviderSession


class Elsewhere(BaseHTTPRequestHandler):
    """Points to somewhere else, and would answer there."""

    def do_GET(self) -> None:
        self.send_response(302 if self.path == "/" else 200)
        self.send_header("Location", "/private")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_facts: object) -> None:
        """Nothing is printed."""


@pytest.fixture
def url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_redirect_is_not_followed(url: str) -> None:
    with ProviderSession() as session:
        assert session.get(f"{url}/").status_code == 302
        assert session.get(f"{url}/", allow_redirects=True).status_code == 302


def test_no_proxy_that_the_environment_names_is_used(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with ProviderSession() as session:
        assert session.get(f"{url}/private").status_code == 200


def test_who_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "_READ_S", 0.05)
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        ProviderSession() as session,
        pytest.raises(requests.ReadTimeout),
    ):
        session.get(f"http://127.0.0.1:{server.getsockname()[1]}")


def test_who_is_not_there_is_given_up() -> None:
    with ProviderSession() as session, pytest.raises(requests.ConnectionError):
        session.get("http://127.0.0.1:1")
