"""Running edges for tests: a real listener on loopback, a real JWKS server, a real store."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, web
from multidict import CIMultiDictProxy
from pydantic import HttpUrl
from yarl import URL

from edge.config import Config
from edge.server import Running
from shared.issuers import ISSUERS_DOCUMENT
from shared.runtime.store.local import LocalStore
from tests.edge.films import ASSET_ID, ISSUER, Film, Signer

NOWHERE = "http://127.0.0.1:9/jwks.json"
REDIS_NOWHERE = "redis://127.0.0.1:9/0"
POSTGRES_NOWHERE = "postgresql://sluice_edge@127.0.0.1:9/sluice"


@dataclass(slots=True)
class KeyServer:
    """Publishes `document`, counts who asks for it, and can be out of order. Beside it lies the
    document about other issuers, unless there is none."""

    document: bytes
    issuers: bytes | None = None
    status: int = 200
    asked: int = 0
    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    async def answer(self, request: web.BaseRequest) -> web.Response:
        if request.path.endswith(ISSUERS_DOCUMENT):
            return self._answer_issuers()
        self.asked += 1
        return web.Response(status=self.status, body=self.document, headers=self.headers)

    def _answer_issuers(self) -> web.Response:
        if self.issuers is None:
            return web.Response(status=404)
        return web.Response(status=self.status, body=self.issuers, headers=self.headers)


@asynccontextmanager
async def serve_keys(document: bytes) -> AsyncIterator[KeyServer]:
    keys = KeyServer(document)
    runner = web.ServerRunner(web.Server(keys.answer))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    keys.url = f"http://127.0.0.1:{site.port}/.well-known/jwks.json"
    try:
        yield keys
    finally:
        await runner.cleanup()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes

    @property
    def code(self) -> str:
        """The code of a problem body; fails for any other body."""
        assert self.headers["Content-Type"] == "application/problem+json"
        code = json.loads(self.body)["code"]
        assert isinstance(code, str)
        return code


@dataclass(frozen=True, slots=True)
class World:
    """An edge that serves `film`, and a client for it."""

    running: Running
    internal: Path
    client: ClientSession
    keys: KeyServer
    store: LocalStore
    film: Film
    signer: Signer

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.running.port}"

    async def get(self, path: str, *, method: str = "GET", **options: Any) -> Answer:
        """The answer to one request, sent as it is written, redirects not followed."""
        url = URL(f"{self.origin}{path}", encoded=True)
        async with self.client.request(method, url, allow_redirects=False, **options) as answer:
            return Answer(answer.status, answer.headers, await answer.read())

    async def fetch(self, name: str, *, token: str | None = None, **options: Any) -> Answer:
        """One file of the film by the path form."""
        return await self.get(f"/v1/{token or self.signer.issue()}/{ASSET_ID}/{name}", **options)

    async def send_raw(self, request: bytes) -> bytes:
        """Everything the edge answers to these very bytes, until it closes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.running.port)
        writer.write(request)
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return answer


def make_config(folder: Path, **settings: Any) -> Config:
    """A configuration for one edge whose files all lie in `folder`."""
    defaults: dict[str, Any] = {
        "media_store": folder / "media",
        "issuer": ISSUER,
        "port": 0,
        "internal": f"unix:{folder / 'edge.sock'}",
        "jwks_url": HttpUrl(NOWHERE),
        "keys_file": folder / "jwks.json",
        "redis_url": REDIS_NOWHERE,
        "database_url": POSTGRES_NOWHERE,
        "cache_bytes": 8 * 1024 * 1024,
        "drain_s": 5,
        "refusals_per_s": 1_000_000,
    }
    return Config(**{**defaults, **settings})
