"""For the tests of the inspection: packages of other makers, made once."""

from pathlib import Path

import pytest

from tests.transcoder.inspect.packages import (
    make_sources,
    pack_in_single_files,
    pack_with_ffmpeg,
    pack_with_shaka,
)


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return make_sources(tmp_path_factory.mktemp("sources"))


@pytest.fixture(scope="session")
def shaka(sources: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shaka")
    pack_with_shaka(sources, folder, ending="m4s")
    return folder


@pytest.fixture(scope="session")
def shaka_ts(sources: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shaka-ts")
    pack_with_shaka(sources, folder, ending="ts")
    return folder


@pytest.fixture(scope="session")
def shaka_files(sources: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shaka-files")
    pack_in_single_files(sources[0], folder)
    return folder


@pytest.fixture(scope="session")
def ffmpeg(sources: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ffmpeg")
    pack_with_ffmpeg(sources, folder, "-hls_segment_type", "fmp4")
    return folder


@pytest.fixture(scope="session")
def ffmpeg_ts(sources: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ffmpeg-ts")
    pack_with_ffmpeg(sources, folder)
    return folder


@pytest.fixture(scope="session")
def ffmpeg_files(sources: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ffmpeg-files")
    pack_with_ffmpeg(sources, folder, "-hls_flags", "single_file+independent_segments")
    return folder
