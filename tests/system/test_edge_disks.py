"""Disks that take nothing any more: serving goes on, and what is lost is counted."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import ClientSession

from edge.state.keys import FLOOR_S
from shared.keyring import public_jwk, render_jwks
from standalone.waiting import wait_until
from tests.edge.films import Film, make_signer
from tests.edge.inside import scrape
from tests.system.audience import UNHARMED
from tests.system.drilled_edge import Drill, put_film, run_drill

pytestmark = [pytest.mark.system, pytest.mark.slow]

DISK_BYTES = 256 * 1024


@contextmanager
def mount(folder: Path, options: str) -> Iterator[None]:
    """A file system in RAM at a folder, which only root may put there."""
    command = ("/bin/mount", "-t", "tmpfs", "-o", options, "drill", str(folder))
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("file systems cannot be mounted here")
    try:
        yield
    finally:
        subprocess.run(("/bin/umount", str(folder)), check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    with mount(folder, f"size={DISK_BYTES}"):
        yield folder


@pytest.fixture
def media(tmp_path: Path) -> Path:
    return tmp_path / "media"


def fill(folder: Path) -> Path:
    """Leave no byte free; the file that did it."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass
    return filler


async def count_lost(drill: Drill) -> float:
    metrics = await scrape(drill.edge.internal)
    return sum(value for (name, *_), value in metrics.items() if name == "access_log_lost_total")


async def test_with_the_disk_of_its_log_full_an_edge_serves_and_counts_what_is_lost(
    small_disk: Path, media: Path
) -> None:
    log = small_disk / "output.log"
    async with run_drill(small_disk, put_film(media), {}, media=media) as drill:
        async with drill.watch() as audience:
            filler = fill(small_disk)

            async def is_lost() -> bool:
                return await count_lost(drill) > 0

            await wait_until(is_lost, what="lost lines", within_s=10)
            await audience.notice()
            filler.unlink()
            size = log.stat().st_size

            async def is_written() -> bool:
                return log.stat().st_size > size

            await wait_until(is_written, what="lines again", within_s=10)
        lost = await count_lost(drill)
    assert audience.outcomes.keys() <= UNHARMED, audience.outcomes
    whole = sum(map(is_whole, log.read_text().splitlines()))
    assert whole + lost >= audience.outcomes.total()


def is_whole(line: str) -> bool:
    with suppress(json.JSONDecodeError):
        return isinstance(json.loads(line), dict)
    return False


def find_beside(file: Path) -> list[Path]:
    """Files that were begun in place of another."""
    return list(file.parent.glob(f"{file.name}.*"))


async def test_keys_that_cannot_be_saved_are_in_force_all_the_same(
    small_disk: Path, media: Path
) -> None:
    async with run_drill(small_disk, put_film(media), {}, media=media) as drill:
        fill(small_disk)
        before = (small_disk / "jwks.json").read_bytes()
        rotated = make_signer()
        both = [public_jwk(one.key.private.public_key()) for one in (drill.signer, rotated)]
        drill.keys.document = render_jwks(both)
        url = drill.origin + replace(drill, signer=rotated).path()

        async def is_in_force() -> bool:
            async with ClientSession() as client, client.get(url) as answer:
                return answer.status == 200

        async with drill.watch() as audience:
            await wait_until(is_in_force, what="the new key", within_s=FLOOR_S + 5)
            await audience.notice()
        assert audience.outcomes.keys() <= UNHARMED, audience.outcomes
    assert (small_disk / "jwks.json").read_bytes() == before
    assert not find_beside(small_disk / "jwks.json")


@pytest.fixture
def sealed_film(media: Path) -> Iterator[Film]:
    """A film in a store that nobody may write to."""
    media.mkdir()
    with mount(media, "size=8m"):
        film = put_film(media)
        subprocess.run(("/bin/mount", "-o", "remount,ro", str(media)), check=True)
        with pytest.raises(OSError, match="Read-only"):
            (media / "new").touch()
        yield film


async def test_a_store_that_is_read_only_is_enough(
    tmp_path: Path, media: Path, sealed_film: Film
) -> None:
    async with run_drill(tmp_path, sealed_film, {}, media=media) as drill:
        async with drill.watch() as audience:
            await audience.notice()
        assert audience.outcomes.keys() <= UNHARMED, audience.outcomes
        assert "store" not in (await drill.edge.report())[1]["missing"]
    assert "Traceback" not in drill.edge.errors
