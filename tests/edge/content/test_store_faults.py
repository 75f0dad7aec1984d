"""What players see of a faulty disk: 503 where a file is not as listed, and never a wrong byte."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.content.bodies import CHUNK_BYTES
from shared.paths import Kind, asset_key
from shared.runtime.store.local import LocalStore
from tests.edge.edges import Answer, World
from tests.edge.films import ASSET_ID, OTHER_ASSET_ID, make_film, publish_film

SEGMENT = "video/720/1.m4s"


@pytest.fixture
def place(world: World, tmp_path: Path) -> Path:
    """Where the segment lies, with nothing there."""
    place = tmp_path / "media" / asset_key(world.film.asset.asset_id, SEGMENT)
    place.unlink()
    return place


def put_shorter(place: Path) -> None:
    place.write_bytes(b"short")


def put_longer(place: Path) -> None:
    place.write_bytes(bytes(3_001))


def put_pipe(place: Path) -> None:
    os.mkfifo(place)


def put_folder(place: Path) -> None:
    place.mkdir()


def put_link_to_itself(place: Path) -> None:
    place.symlink_to(place.name)


def put_link_out_of_the_store(place: Path) -> None:
    place.symlink_to("/etc/passwd")


def put_file_for_its_folder(place: Path) -> None:
    place.parent.rename(place.parent.with_name("aside"))
    place.parent.write_bytes(b"")


def put_endless_links_for_its_folder(place: Path) -> None:
    place.parent.rename(place.parent.with_name("aside"))
    place.parent.symlink_to(place.parent.name)


def put_nothing(_place: Path) -> None: ...


def assert_unavailable(answer: Answer) -> None:
    assert answer.status == 503
    assert answer.code == "store_unavailable"
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["Cache-Control"].endswith("no-store")
    assert "ETag" not in answer.headers


@pytest.mark.parametrize(
    "put",
    [
        put_nothing,
        put_shorter,
        put_longer,
        put_pipe,
        put_folder,
        put_link_to_itself,
        put_link_out_of_the_store,
        put_file_for_its_folder,
        put_endless_links_for_its_folder,
    ],
)
async def test_a_file_that_is_not_as_listed_is_unavailable_and_the_others_are_not(
    world: World, place: Path, put: Callable[[Path], None]
) -> None:
    put(place)
    for headers in ({}, {"Range": "bytes=0-1"}):
        assert_unavailable(await world.fetch(SEGMENT, headers=headers))
    assert (await world.fetch("video/360/1.m4s")).status == 200


async def test_a_file_that_is_mended_is_served_again(world: World, place: Path) -> None:
    put_shorter(place)
    assert_unavailable(await world.fetch(SEGMENT))
    world.store.put(asset_key(ASSET_ID, SEGMENT), world.film.contents[SEGMENT])
    answer = await world.fetch(SEGMENT)
    assert (answer.status, answer.body) == (200, world.film.contents[SEGMENT])


async def test_a_file_replaced_in_mid_stream_is_sent_as_it_was(world: World) -> None:
    name = "download/large.mp4"
    film = make_film(asset_id=OTHER_ASSET_ID, sizes={name: 40 * CHUNK_BYTES})
    publish_film(world.store, film)
    token = world.signer.issue(kinds=frozenset({Kind.DOWNLOAD}))
    url = f"{world.origin}/v1/{token}/{OTHER_ASSET_ID}/{name}"
    async with world.client.get(url) as answer:
        received = await answer.content.readexactly(1_000)
        world.store.put(asset_key(OTHER_ASSET_ID, name), bytes(40 * CHUNK_BYTES))
        received += await answer.read()
    assert received == film.contents[name]


def fail(code: int) -> Callable[..., int]:
    def raise_error(*_arguments: object) -> int:
        raise OSError(code, os.strerror(code))

    return raise_error


@pytest.mark.parametrize("code", [errno.EIO, errno.EMFILE, errno.ESTALE], ids=errno.errorcode.get)
async def test_an_outage_is_declared_and_told_in_few_lines_while_ram_is_served(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, code: int
) -> None:
    assert (await world.fetch("video/1080/1.m4s")).status == 200
    with monkeypatch.context() as broken:
        for name in ("open", "pread", "preadv"):
            broken.setattr(os, name, fail(code))
        caplog.clear()
        for _ in range(10):
            for number in (1, 2, 3):
                for rung in (360, 720):
                    assert_unavailable(await world.fetch(f"video/{rung}/{number}.m4s"))
        assert (await world.fetch("video/1080/1.m4s")).status == 200
    told = [message for message in caplog.messages if "the store" in message]
    assert "the store fails and is asked once a second from now on" in " ".join(told)
    assert len(told) < 30
    assert "Traceback" not in caplog.text


EXHAUSTED = """
import asyncio, os, resource, sys
from pathlib import Path
from edge.content.reader import Reader
from shared.runtime.store.interface import StoreUnavailable
from shared.runtime.store.local import LocalStore

async def read():
    reader = Reader(LocalStore(Path(sys.argv[1])), threads=1, queue=8)
    await reader.read_parsed("videos/a", len)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    held = []
    try:
        while True:
            held.append(os.dup(0))
    except OSError:
        pass
    for attempt in (reader.read("videos/a", 4), reader.read_parsed("videos/a", len)):
        try:
            await attempt
        except StoreUnavailable as error:
            print(error)
    os.close(held.pop())
    for _ in range(100):
        assert (await reader.read("videos/a", 4))[0] == b"film"
    print("well again")

asyncio.run(read())
"""


def test_without_descriptors_nothing_is_opened_and_with_the_first_one_it_is(
    store: LocalStore, tmp_path: Path
) -> None:
    store.put("videos/a", b"film")
    run = subprocess.run(
        [sys.executable, "-c", EXHAUSTED, str(tmp_path / "media")],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.splitlines() == ["videos/a: Too many open files"] * 2 + ["well again"]
