"""The bytes behind a file: from RAM, else from the store once for all who wait.

Also the main playlist as a token with a height limit sees it, made once per rung.
"""

from collections.abc import AsyncGenerator
from dataclasses import replace
from functools import partial
from typing import Final, TypeAlias

from edge.content.assets import MediaFile
from edge.content.cache import RamCache
from edge.content.files import FileChanged, OpenFile
from edge.content.flights import Flights
from edge.content.outage import Complaints
from edge.content.pages import LEAST_BYTES, Pages
from edge.content.reader import Reader
from edge.content.twins import add_twin, may_have_twin
from edge.http.ranges import Span
from shared.asset import etag_of
from shared.hls.attributes import PlaylistInvalid
from shared.hls.multivariant import limit_height, parse_multivariant, render_multivariant
from shared.runtime.store.interface import StoreError

CHUNK_BYTES: Final = 256 * 1024

Place: TypeAlias = tuple[str, str, int | None]
"""Asset id, file name, and the height limit of a main playlist."""


class Bodies:
    """Files with their bodies, by place; at most `most_open` of them stay open."""

    def __init__(
        self, reader: Reader, cache: RamCache[Place, MediaFile], *, most_open: int
    ) -> None:
        self._reader = reader
        self._cache = cache
        self._most_open = most_open
        self._flights: Flights[Place, MediaFile] = Flights()
        self._complaints = Complaints("a body was cut short")

    def recall(self, place: Place) -> MediaFile | None:
        """What is in RAM."""
        return self._cache.get(place)

    def fits_in_ram(self, file: MediaFile) -> bool:
        return self._cache.admits(file.size_bytes)

    async def load(self, place: Place, file: MediaFile) -> MediaFile:
        """The file with its body; raises `ReaderBusy` and `StoreError`."""
        settled = _settle(place, file)
        known = None if settled == place else self._cache.get(settled)
        if known is not None:
            return known
        return await self._flights.join(settled, partial(self._load, settled, file))

    async def stream(self, file: MediaFile, span: Span) -> AsyncGenerator[bytes, None]:
        """A part of a file that is too large to hold, chunk by chunk, all from the same file even
        if another takes its place.

        Only the first chunk may raise `ReaderBusy` and `StoreError`. Those behind it wait their
        turn, and what keeps them from being read can only be told by breaking off.
        """
        opened = await self._reader.open(file.store_key, file.size_bytes)
        yield await self._reader.read_part(opened, span.start, min(span.length, CHUNK_BYTES))
        try:
            for start in range(span.start + CHUNK_BYTES, span.end, CHUNK_BYTES):
                length = min(span.end - start, CHUNK_BYTES)
                yield await self._reader.read_part(opened, start, length, patient=True)
        except StoreError as error:
            self._complaints.record(error)
            raise ConnectionAbortedError from error

    async def _load(self, place: Place, file: MediaFile) -> MediaFile:
        if place[2] is not None or may_have_twin(file):
            prepare = partial(_prepare_text, file, place[2])
            loaded = await self._reader.read_parsed(file.store_key, prepare)
        else:
            body, opened = await self._reader.read(file.store_key, file.size_bytes)
            loaded = replace(file, body=body, pages=self._keep_open(opened))
        self._cache.put(place, loaded)
        return loaded

    def _keep_open(self, file: OpenFile) -> Pages | None:
        if file.size_bytes < LEAST_BYTES or Pages.alive >= self._most_open:
            return None
        return Pages(file)


def _settle(place: Place, file: MediaFile) -> Place:
    """The place of the highest rung within a limit, where all limits up to the next one share an
    entry: there are as many limits as token issuers think of, but few rungs."""
    asset_id, name, limit = place
    if limit is None or not file.rungs:
        return asset_id, name, None
    return asset_id, name, max((rung for rung in file.rungs if rung <= limit), default=0)


def _prepare_text(file: MediaFile, limit: int | None, body: bytes) -> MediaFile:
    """Texts take time, off the loop: playlists are limited, and compressed once for all."""
    if len(body) != file.size_bytes:
        raise FileChanged(f"{file.store_key}: {len(body)} bytes where {file.size_bytes} should be")
    loaded = replace(file, body=body) if limit is None else _limit(file, body, limit)
    return add_twin(loaded)


def _limit(file: MediaFile, body: bytes, max_height: int) -> MediaFile:
    """The main playlist without the rungs above a limit, under an entity tag of its own."""
    try:
        whole = parse_multivariant(body.decode())
        limited = limit_height(whole, max_height)
        if limited == whole:
            return replace(file, body=body)
        text = render_multivariant(limited).encode()
    except (PlaylistInvalid, UnicodeDecodeError) as error:
        raise FileChanged(f"{file.store_key}: {error}") from error
    etag = f'"{etag_of(text)}"'
    representation = replace(file.representation, size_bytes=len(text), etag=etag)
    return replace(file, body=text, representation=representation)
