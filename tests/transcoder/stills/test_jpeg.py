"""JPEG files: the right colours, the same bytes each time."""

import io

import av
import numpy as np
import pytest
from av.video.reformatter import Colorspace

from transcoder.stills.jpeg import encode_jpeg, scale_picture


@pytest.mark.parametrize(
    "colour", [(200, 30, 30), (30, 200, 30), (30, 30, 200), (0, 0, 0), (255, 255, 255)], ids=str
)
def test_colours_are_kept(colour: tuple[int, int, int]) -> None:
    picture = np.full((72, 128, 3), colour, np.uint8)
    with av.open(io.BytesIO(encode_jpeg(picture, quality=2)), "r") as container:
        seen = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert np.abs(seen.astype(int) - picture).max() <= 6


def test_a_decoded_picture_is_scaled_in_its_own_colours() -> None:
    picture = np.full((72, 128, 3), (200, 30, 30), np.uint8)
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(
        format="yuv420p", dst_colorspace=Colorspace.ITU709
    )
    scaled = scale_picture(frame, 64, 36)
    assert scaled.shape == (36, 64, 3)
    assert np.abs(scaled.astype(int) - (200, 30, 30)).max() <= 6


def test_the_same_picture_gives_the_same_bytes() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (72, 128, 3), np.uint8)
    assert encode_jpeg(picture, quality=5) == encode_jpeg(picture, quality=5)


def test_quality_costs_bytes() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (72, 128, 3), np.uint8)
    assert len(encode_jpeg(picture, quality=2)) > len(encode_jpeg(picture, quality=20))
