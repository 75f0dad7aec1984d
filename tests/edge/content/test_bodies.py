"""File bodies: shared, checked against the listing, and main playlists within a limit."""

import asyncio
import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.content.assets import AssetIndex, MediaFile
from edge.content.bodies import CHUNK_BYTES, Bodies
from edge.content.cache import RamCache
from edge.content.pages import LEAST_BYTES, Pages
from edge.content.reader import Reader
from edge.http.ranges import Span
from shared.asset import etag_of
from shared.hls.multivariant import parse_multivariant
from shared.paths import asset_key
from shared.runtime.store.interface import ObjectMissing, StoreUnavailable
from shared.runtime.store.local import LocalStore
from tests.edge.films import ASSET_ID, make_film, publish_film
from tests.edge.open_files import open_paths

LARGE = "download/large.mp4"
SMALL = "poster/poster.jpg"
MEDIUM = tuple(f"download/medium_{number}.mp4" for number in range(3))
FILM = make_film(sizes={LARGE: 3 * CHUNK_BYTES + 5, **dict.fromkeys(MEDIUM, LEAST_BYTES)})
SEGMENT = "video/720/1.m4s"
MOST_OPEN = 2


@pytest.fixture
def bodies(store: LocalStore) -> Iterator[Bodies]:
    publish_film(store, FILM)
    reader = Reader(store, threads=2, queue=2)
    gc.collect()  # the number is the process's, and earlier tests have left some
    yield Bodies(reader, RamCache(1024 * 1024), most_open=Pages.alive + MOST_OPEN)
    reader.close()


def find(name: str) -> MediaFile:
    file = AssetIndex(FILM.asset).find(name)
    assert file is not None
    return file


async def test_a_body_is_read_once_and_is_the_same_object_for_all(bodies: Bodies) -> None:
    place = (ASSET_ID, SEGMENT, None)
    assert bodies.recall(place) is None
    loaded = await asyncio.gather(*(bodies.load(place, find(SEGMENT)) for _ in range(8)))
    assert loaded[0].body == FILM.contents[SEGMENT]
    assert all(one is loaded[0] for one in loaded)
    assert bodies.recall(place) is loaded[0]


async def test_a_body_of_another_size_than_listed_is_not_served(
    bodies: Bodies, store: LocalStore
) -> None:
    store.put(asset_key(ASSET_ID, SEGMENT), b"short")
    with pytest.raises(StoreUnavailable, match="5 bytes where 3000 should be"):
        await bodies.load((ASSET_ID, SEGMENT, None), find(SEGMENT))
    assert bodies.recall((ASSET_ID, SEGMENT, None)) is None


async def test_a_listed_file_that_is_gone_is_the_store_s_failure(
    bodies: Bodies, store: LocalStore
) -> None:
    store.delete(asset_key(ASSET_ID, SEGMENT))
    with pytest.raises(ObjectMissing):
        await bodies.load((ASSET_ID, SEGMENT, None), find(SEGMENT))


async def test_what_is_too_large_for_ram_comes_in_chunks(bodies: Bodies) -> None:
    file = find(LARGE)
    assert not bodies.fits_in_ram(file)
    span = Span(3, file.size_bytes - 2)
    chunks = [chunk async for chunk in bodies.stream(file, span)]
    assert max(map(len, chunks)) == CHUNK_BYTES
    assert b"".join(chunks) == FILM.contents[LARGE][span.start : span.end]


async def test_a_stream_goes_on_with_the_file_it_began_with(
    bodies: Bodies, store: LocalStore
) -> None:
    file = find(LARGE)
    stream = bodies.stream(file, Span(0, file.size_bytes))
    chunks = [await anext(stream)]
    store.put(file.store_key, bytes(file.size_bytes))
    chunks += [chunk async for chunk in stream]
    assert b"".join(chunks) == FILM.contents[LARGE]


async def test_a_stream_of_a_file_that_is_cut_short_breaks_off(
    bodies: Bodies, tmp_path: Path
) -> None:
    file = find(LARGE)
    stream = bodies.stream(file, Span(0, file.size_bytes))
    await anext(stream)
    os.truncate(tmp_path / "media" / file.store_key, CHUNK_BYTES + 10)
    with pytest.raises(ConnectionAbortedError):
        await anext(stream)


async def test_no_part_of_a_large_file_of_another_size_is_served(
    bodies: Bodies, store: LocalStore
) -> None:
    file = find(LARGE)
    store.put(file.store_key, bytes(file.size_bytes + 1))
    with pytest.raises(StoreUnavailable):
        await anext(bodies.stream(file, Span(0, 10)))


async def test_a_stream_that_is_given_up_closes_its_file(bodies: Bodies, tmp_path: Path) -> None:
    file = find(LARGE)
    stream = bodies.stream(file, Span(0, file.size_bytes))
    await anext(stream)
    path = str(tmp_path / "media" / file.store_key)
    assert path in open_paths()
    await stream.aclose()
    assert path not in open_paths()


async def test_limits_share_a_playlist_for_every_rung(bodies: Bodies) -> None:
    main = find("main.m3u8")
    made = {
        id(await bodies.load((ASSET_ID, "main.m3u8", limit), main))
        for limit in [None, *range(360, 10_000)]
    }
    assert len(made) == 4
    for rung in (None, 360, 720, 1080):
        assert bodies.recall((ASSET_ID, "main.m3u8", rung)) is not None


async def test_a_limit_below_every_rung_leaves_nothing_to_play(bodies: Bodies) -> None:
    with pytest.raises(StoreUnavailable, match="no variant"):
        await bodies.load((ASSET_ID, "main.m3u8", 359), find("main.m3u8"))


async def test_a_limited_main_playlist_leaves_higher_rungs_out_and_has_a_tag_of_its_own(
    bodies: Bodies,
) -> None:
    whole = await bodies.load((ASSET_ID, "main.m3u8", None), find("main.m3u8"))
    limited = await bodies.load((ASSET_ID, "main.m3u8", 720), find("main.m3u8"))
    assert limited.body is not None
    heights = [v.resolution for v in parse_multivariant(limited.body.decode()).variants]
    assert heights == [(640, 360), (1280, 720)]
    assert limited.representation.etag == f'"{etag_of(limited.body)}"'
    assert limited.representation.etag != whole.representation.etag
    assert limited.representation.size_bytes == len(limited.body)


async def test_a_limit_that_leaves_nothing_out_changes_nothing(bodies: Bodies) -> None:
    whole = await bodies.load((ASSET_ID, "main.m3u8", None), find("main.m3u8"))
    limited = await bodies.load((ASSET_ID, "main.m3u8", 1080), find("main.m3u8"))
    assert limited == whole


@pytest.mark.parametrize("content", [b"#EXTM3U\n", b"\xff\xfe"], ids=["no variant", "no text"])
async def test_a_damaged_main_playlist_is_the_store_s_failure(
    bodies: Bodies, store: LocalStore, content: bytes
) -> None:
    file = find("main.m3u8")
    store.put(file.store_key, content.ljust(file.size_bytes))
    with pytest.raises(StoreUnavailable, match=r"main\.m3u8"):
        await bodies.load((ASSET_ID, "main.m3u8", 720), file)


async def test_files_are_kept_open_to_be_sent_from_up_to_a_number(bodies: Bodies) -> None:
    before = Pages.alive
    loaded = [await bodies.load((ASSET_ID, name, None), find(name)) for name in MEDIUM]
    assert [file.pages is not None for file in loaded] == [True, True, False]
    assert Pages.alive == before + MOST_OPEN


async def test_a_small_file_is_not_kept_open(bodies: Bodies) -> None:
    loaded = await bodies.load((ASSET_ID, SMALL, None), find(SMALL))
    assert loaded.body is not None
    assert loaded.pages is None
