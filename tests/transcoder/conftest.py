"""For the transcoder's tests: sources and assets that are made once."""

from pathlib import Path

import pytest

from shared.runtime.store.local import LocalStore
from standalone.demo import make_demo_film
from tests.transcoder.clips import Clip, write_clip
from tests.transcoder.orders import Made, transcode


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "store")


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A plain source of four seconds and one rung."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    return write_clip(path, Clip(seconds=4)).read_bytes()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven seconds of the demo film, which make three rungs and two segments."""
    path = tmp_path_factory.mktemp("demo") / "demo.mp4"
    make_demo_film(path, seconds=7)
    return path


@pytest.fixture(scope="session")
def small(clip: bytes, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The asset of the plain source; for tests that change nothing."""
    return transcode(clip, tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="session")
def film(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The asset of the demo film; for tests that change nothing."""
    return transcode(demo.read_bytes(), tmp_path_factory.mktemp("film"))
