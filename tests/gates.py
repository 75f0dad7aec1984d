"""Stand-ins for an edge, which serve the store's files behind a gate that a test chooses."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

from shared.asset import index_files, parse_asset
from shared.events.record import FIELD
from shared.events.revocations import REVOCATION_STREAM, Revocation
from shared.keyring import KeySet
from shared.paths import MediaUrl, asset_document_key, asset_key, kind_of, parse_media_path
from shared.tokens import TokenError, check_clock, verify_token

Admits: TypeAlias = Callable[[str | None, MediaUrl], bool]


def admit_all(_token: str | None, _url: MediaUrl) -> bool:
    """No gate at all."""
    return True


def admit_nobody(_token: str | None, _url: MediaUrl) -> bool:
    """A wall."""
    return False


def make_gate(store: Path, keys: KeySet, redis: Any, *, now: int) -> Admits:
    """A gate of few words that lets in whom an edge would."""

    def admit(token: str | None, url: MediaUrl) -> bool:
        try:
            claims = verify_token(token or "", keys)
            check_clock(claims, now=now)
        except TokenError:
            return False
        asset = parse_asset((store / asset_document_key(url.asset_id or "")).read_bytes())
        height = index_files(asset)[url.name].height or 0
        told = [fields[FIELD.encode()] for _, fields in redis.xrange(REVOCATION_STREAM)]
        return (
            claims.video_id == asset.video_id
            and kind_of(url.name) in claims.kinds
            and height <= (claims.max_height or height)
            and claims.session_id not in {Revocation.parse(one).subject for one in told}
        )

    return admit


@contextmanager
def serve_files(store: Path, admits: Admits) -> Iterator[str]:
    """A server on this machine; its URL."""

    class Handler(_Handler):
        pass

    Handler.store, Handler.admits = store, staticmethod(admits)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet, which no delayed acknowledgement holds up
    store: Path
    admits: Any

    def do_GET(self) -> None:
        url = parse_media_path(self.path.partition("?")[0])
        assert url is not None
        assert url.asset_id is not None
        file = self.store / asset_key(url.asset_id, url.name)
        if not self.admits(self.find_token(url), url):
            body = json.dumps({"status": 403}).encode()
            self.answer(403, "application/problem+json", body)
        elif file.exists():
            self.answer(200, "application/octet-stream", file.read_bytes())
        else:
            self.answer(404, "application/problem+json", b"{}")

    def do_HEAD(self) -> None:
        self.do_GET()

    def find_token(self, url: MediaUrl) -> str | None:
        in_query = parse_qs(urlsplit(self.path).query).get("token", [None])[0]
        in_cookie = self.headers.get("Cookie", "").partition("=")[2]
        in_header = self.headers.get("Authorization", "").removeprefix("Bearer ")
        return url.token or in_query or in_cookie or in_header or None

    def answer(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        pass
