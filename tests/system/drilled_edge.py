"""An edge of a test's own, with a film in its store and its files in folders of their own."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.runtime.store.local import LocalStore
from tests.declared import count_undeclared
from tests.edge.edges import KeyServer, serve_keys
from tests.edge.films import ASSET_ID, Film, Signer, make_film, make_signer, publish_film
from tests.edge.inside import scrape
from tests.edge.processes import Edge, run_edge
from tests.system.audience import Audience, gather_audience

NAMES = ("main.m3u8", "video/720/playlist.m3u8", "video/720/init.mp4", "video/720/1.m4s")


@dataclass(frozen=True, slots=True)
class Drill:
    """A running edge, what it serves, and who publishes the keys for it."""

    edge: Edge
    film: Film
    signer: Signer
    keys: KeyServer

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.edge.port}"

    def path(self, name: str = NAMES[-1], **claims: Any) -> str:
        return f"/v1/{self.signer.issue(**claims)}/{ASSET_ID}/{name}"

    @asynccontextmanager
    async def watch(self, **claims: Any) -> AsyncIterator[Audience]:
        """Viewers for as long as the block runs; afterwards no undeclared error was counted."""
        files = {self.path(name, **claims): self.film.contents[name] for name in NAMES}
        async with gather_audience(self.origin, files) as audience:
            yield audience
        assert count_undeclared(await scrape(self.edge.internal)) == 0


def put_film(media: Path, **sizes: int) -> Film:
    """Publish a film in a store."""
    film = make_film(sizes=sizes)
    publish_film(LocalStore(media), film)
    return film


@asynccontextmanager
async def run_drill(
    folder: Path, film: Film, settings: Mapping[str, str], *, media: Path, workers: int = 2
) -> AsyncIterator[Drill]:
    """An edge that serves a film; all that it writes lies in `folder`."""
    signer = make_signer()
    (folder / "jwks.json").write_bytes(signer.jwks())
    async with serve_keys(signer.jwks()) as keys:
        places = {"SLUICE_MEDIA_STORE": str(media), "SLUICE_EDGE_JWKS_URL": keys.url}
        async with run_edge(folder, workers=workers, **places, **settings) as edge:
            yield Drill(edge, film, signer, keys)
            assert await edge.end() == 0
