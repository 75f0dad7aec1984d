"""The fixed playlists of `tests/vectors` are what the models write, and read back as they are."""

import pytest

from shared.hls.media import parse_media
from shared.hls.multivariant import parse_multivariant
from tests.vectors.make_playlists import FOLDER, I_FRAMES, MEDIA, MULTIVARIANT, render_vectors

VECTORS = render_vectors()


@pytest.mark.parametrize("name", VECTORS)
def test_vector_is_what_its_script_writes(name: str) -> None:
    assert (FOLDER / name).read_text() == VECTORS[name]


def test_vectors_read_as_their_models() -> None:
    assert parse_multivariant((FOLDER / "multivariant.m3u8").read_text()) == MULTIVARIANT
    assert parse_media((FOLDER / "media.m3u8").read_text()) == MEDIA
    assert parse_media((FOLDER / "i_frames.m3u8").read_text()) == I_FRAMES
