import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from standalone import demo_content
from standalone.api import Api
from standalone.demo_content import ensure_demo_film
from standalone.display import Display
from standalone.failure import StartFailed
from tests.standalone.catalogue import Catalogue, serve_catalogue


@dataclass
class Start:
    """What a start does about the film."""

    api: Api
    record: Path

    async def __call__(self) -> str:
        with Display(io.StringIO()).step("Demo film") as step:
            return await ensure_demo_film(self.api, record_file=self.record, step=step)


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue()


@pytest.fixture
async def start(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Start]:
    monkeypatch.setattr(demo_content, "_draw_film", lambda: b"film")
    async with serve_catalogue(catalogue) as api:
        yield Start(api, tmp_path / "demo.json")


async def test_first_start_puts_the_film_in(start: Start, catalogue: Catalogue) -> None:
    video_id = await start()
    assert catalogue.uploads == {video_id: b"film"}
    assert catalogue.published == [video_id]
    assert catalogue.videos[video_id]["visibility"] == "public"


async def test_second_start_makes_nothing(start: Start, catalogue: Catalogue) -> None:
    assert await start() == await start()
    assert len(catalogue.videos) == len(catalogue.published) == 1


async def test_start_that_was_interrupted_is_taken_up(start: Start, catalogue: Catalogue) -> None:
    catalogue.outcome = "failed"
    with pytest.raises(StartFailed):
        await start()
    catalogue.outcome = "ready"
    video_id = await start()
    assert list(catalogue.videos) == catalogue.published == [video_id]
    assert catalogue.retried == [f"job-{video_id}"]


async def test_upload_that_never_began_is_made_up_for(start: Start, catalogue: Catalogue) -> None:
    video_id = await start()
    catalogue.videos[video_id]["newest_job"] = None
    catalogue.uploads.clear()
    assert await start() == video_id
    assert catalogue.uploads == {video_id: b"film"}


async def test_film_that_was_deleted_is_made_again(start: Start, catalogue: Catalogue) -> None:
    first = await start()
    del catalogue.videos[first]
    assert [await start()] == list(catalogue.videos)


async def test_film_that_was_unpublished_stays_so(start: Start, catalogue: Catalogue) -> None:
    await start()
    catalogue.published.clear()
    await start()
    assert catalogue.published == []


async def test_failed_transcode_is_told_with_its_reason(start: Start, catalogue: Catalogue) -> None:
    catalogue.outcome = "failed"
    with pytest.raises(StartFailed, match=r"the job is failed\. The file is damaged\."):
        await start()


@pytest.mark.parametrize("text", ["", "{}", '{"video_id": 3}', "[]"], ids=repr)
async def test_spoilt_record_counts_as_none(start: Start, catalogue: Catalogue, text: str) -> None:
    start.record.write_text(text)
    assert [await start()] == list(catalogue.videos)
