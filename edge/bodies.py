"""The bytes behind a file: from RAM, else from the store once for all who wait.

Also the main playlist as a token with a height limit sees it, made once per limit.
"""

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from typing import Final, TypeAlias

from edge.assets import MediaFile
from edge.cache import RamCache
from edge.flights import Flights
from edge.http.ranges import Span
from edge.reader import Reader
from edge.twins import add_twin, may_have_twin
from shared.asset import etag_of
from shared.hls.attributes import PlaylistInvalid
from shared.hls.multivariant import limit_height, parse_multivariant, render_multivariant
from shared.runtime.store.interface import StoreError, StoreUnavailable

CHUNK_BYTES: Final = 1024 * 1024

Place: TypeAlias = tuple[str, str, int | None]
"""Asset id, file name, and the height limit of a main playlist."""

_log = logging.getLogger(__name__)


class Bodies:
    """Files with their bodies, by place."""

    def __init__(self, reader: Reader, cache: RamCache[Place, MediaFile]) -> None:
        self._reader = reader
        self._cache = cache
        self._flights: Flights[Place, MediaFile] = Flights()

    def recall(self, place: Place) -> MediaFile | None:
        """What is in RAM."""
        return self._cache.get(place)

    def fits_in_ram(self, file: MediaFile) -> bool:
        return self._cache.admits(file.size_bytes)

    async def load(self, place: Place, file: MediaFile) -> MediaFile:
        """The file with its body; raises `ReaderBusy` and `StoreError`."""
        return await self._flights.join(place, partial(self._load, place, file))

    async def stream(self, file: MediaFile, span: Span) -> AsyncIterator[bytes]:
        """A part of a file that is too large to hold, chunk by chunk.

        Only the first chunk may raise `ReaderBusy` and `StoreError`. Those behind it wait their
        turn, and what keeps them from being read can only be told by breaking off.
        """
        first, *others = _cut(span)
        yield await self._read_chunk(file, first, patient=False)
        try:
            for chunk in others:
                yield await self._read_chunk(file, chunk, patient=True)
        except StoreError as error:
            _log.error("a body was cut short: %s", error)
            raise ConnectionAbortedError from error

    async def _read_chunk(self, file: MediaFile, chunk: Span, *, patient: bool) -> bytes:
        content = await self._reader.read_range(
            file.store_key, chunk.start, chunk.length, patient=patient
        )
        _check_length(file, len(content), chunk.length)
        return content

    async def _load(self, place: Place, file: MediaFile) -> MediaFile:
        prepare = partial(_prepare, file, place[2])
        if may_have_twin(file):
            loaded = await self._reader.read_parsed(file.store_key, prepare)
        else:
            loaded = prepare(await self._reader.read(file.store_key))
        self._cache.put(place, loaded)
        return loaded


def _prepare(file: MediaFile, limit: int | None, body: bytes) -> MediaFile:
    """Texts take time here: playlists are limited, and compressed once for all."""
    _check_length(file, len(body), file.size_bytes)
    loaded = replace(file, body=body) if limit is None else _limit(file, body, limit)
    return add_twin(loaded)


def _cut(span: Span) -> list[Span]:
    starts = range(span.start, span.end, CHUNK_BYTES)
    return [Span(start, min(start + CHUNK_BYTES, span.end)) for start in starts]


def _check_length(file: MediaFile, length: int, expected: int) -> None:
    if length != expected:
        raise StoreUnavailable(f"{file.store_key}: {length} bytes where {expected} should be")


def _limit(file: MediaFile, body: bytes, max_height: int) -> MediaFile:
    """The main playlist without the rungs above a limit, under an entity tag of its own."""
    try:
        whole = parse_multivariant(body.decode())
    except (PlaylistInvalid, UnicodeDecodeError) as error:
        raise StoreUnavailable(f"{file.store_key}: {error}") from error
    limited = limit_height(whole, max_height)
    if limited == whole:
        return replace(file, body=body)
    text = render_multivariant(limited).encode()
    etag = f'"{etag_of(text)}"'
    representation = replace(file.representation, size_bytes=len(text), etag=etag)
    return replace(file, body=text, representation=representation)
