"""The demo film: a clip whose every frame says, to people and to programs, which one it is.

A ball travels over a drifting pattern. At the top stands a clock with the frame's number, and
along the lower edge a strip of black and white blocks codes the same number, so that a test can
read it back at any size (`read_counter`). The tone climbs one step of a scale every second.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from av.container import OutputContainer
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

# The strip, from left to right: white, black, the number's bits (highest first), their parity.
_NUMBER_BITS: Final = 16
_BLOCKS: Final = _NUMBER_BITS + 3
_STRIP_SHARE: Final = 12  # the strip is a twelfth of the picture high

_SAMPLE_RATE: Final = 48_000
_SCALE_HZ: Final = (262, 294, 330, 349, 392, 440, 494, 523)

# Five columns by seven rows each, a row per line, the left column the highest bit.
_GLYPHS: Final = {
    "0": (14, 17, 19, 21, 25, 17, 14),
    "1": (4, 12, 4, 4, 4, 4, 14),
    "2": (14, 17, 1, 2, 4, 8, 31),
    "3": (31, 2, 4, 2, 1, 17, 14),
    "4": (2, 6, 10, 18, 31, 2, 2),
    "5": (31, 16, 30, 1, 1, 17, 14),
    "6": (6, 8, 16, 30, 17, 17, 14),
    "7": (31, 1, 2, 4, 8, 8, 8),
    "8": (14, 17, 17, 14, 17, 17, 14),
    "9": (14, 17, 17, 15, 1, 2, 12),
    ":": (0, 4, 4, 0, 4, 4, 0),
    ".": (0, 0, 0, 0, 0, 12, 12),
    " ": (0, 0, 0, 0, 0, 0, 0),
}


class CounterUnreadable(ValueError):
    """A picture without a readable strip."""


def make_demo_film(
    path: Path, seconds: int = 24, *, width: int = 1280, height: int = 720, rate: int = 30
) -> None:
    """Write the film to `path` as H.264 and AAC, in a container chosen by the path's ending.

    The same arguments give the same pictures and the same sound.
    """
    with av.open(str(path), "w") as film:
        _write_film(film, seconds, size=(width, height), rate=rate)


def _write_film(film: OutputContainer, seconds: int, *, size: tuple[int, int], rate: int) -> None:
    video = film.add_stream("libx264", rate=rate, options={"preset": "ultrafast", "crf": "20"})
    video.width, video.height = size
    video.pix_fmt = "yuv420p"
    video.time_base = Fraction(1, rate)
    audio = film.add_stream("aac", rate=_SAMPLE_RATE, layout="stereo")
    pictures = draw_pictures(size, rate=rate)
    for second in range(seconds):
        for number in range(second * rate, (second + 1) * rate):
            frame = av.VideoFrame.from_ndarray(next(pictures), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, rate)
            film.mux(video.encode(frame))
        sound = av.AudioFrame.from_ndarray(make_tone(second), format="fltp", layout="stereo")
        sound.sample_rate, sound.time_base = _SAMPLE_RATE, Fraction(1, _SAMPLE_RATE)
        sound.pts = second * _SAMPLE_RATE
        film.mux(audio.encode(sound))
    film.mux(video.encode(None))
    film.mux(audio.encode(None))


def draw_pictures(size: tuple[int, int], *, rate: int) -> Iterator[Picture]:
    """Yield the film's pictures without end: RGB arrays, numbered by their strip from 0."""
    width, height = size
    pattern = _draw_pattern(width, height)
    number = 0
    while True:
        shift = (number * 2) % width
        picture = np.ascontiguousarray(pattern[:, shift : shift + width])
        _draw_ball(picture, number, rate=rate)
        _draw_clock(picture, number, rate=rate)
        draw_counter(picture, number)
        yield picture
        number += 1


def make_tone(second: int) -> NDArray[np.float32]:
    """One second of stereo sound: a step of the scale, which begins and ends at zero."""
    steps = np.arange(_SAMPLE_RATE, dtype=np.float32) / _SAMPLE_RATE
    pitch = _SCALE_HZ[second % len(_SCALE_HZ)]
    tone = (0.25 * np.sin(2 * np.pi * pitch * steps)).astype(np.float32)
    return np.stack([tone, tone])


def draw_counter(picture: Picture, number: int) -> None:
    """Draw the strip that `read_counter` reads."""
    height, width = picture.shape[:2]
    edges = np.linspace(0, width, _BLOCKS + 1).round().astype(int)
    for block, white in enumerate(_code_number(number)):
        picture[height - height // _STRIP_SHARE :, edges[block] : edges[block + 1]] = 255 * white


def read_counter(picture: NDArray[Any]) -> int:
    """The number in a picture's strip, at any size; raises `CounterUnreadable`."""
    height, width = picture.shape[:2]
    strip = height // _STRIP_SHARE
    rows = picture[height - strip * 3 // 4 : height - strip // 4].astype(np.float32)
    middles = ((np.arange(_BLOCKS) + 0.5) * width / _BLOCKS).astype(int)
    reach = max(1, width // _BLOCKS // 6)
    levels = [float(rows[:, middle - reach : middle + reach].mean()) for middle in middles]
    white, black = levels[:2]
    if white - black < 100:
        raise CounterUnreadable("no strip along the lower edge")
    blocks = [level > (white + black) / 2 for level in levels]
    number = sum(bit << place for place, bit in enumerate(reversed(blocks[2:-1])))
    if blocks != _code_number(number):
        raise CounterUnreadable("the strip's parity is wrong")
    return number


def _code_number(number: int) -> list[bool]:
    bits = [bool(number >> place & 1) for place in reversed(range(_NUMBER_BITS))]
    return [True, False, *bits, sum(bits) % 2 == 1]


def _draw_pattern(width: int, height: int) -> Picture:
    """A soft pattern twice as wide as the picture, which repeats after `width` columns."""
    across = np.linspace(0, 4 * np.pi, 2 * width, endpoint=False)
    down = np.linspace(0, 2 * np.pi, height)[:, np.newaxis]
    waves = (np.sin(across + phase) * np.cos(down + phase) for phase in (0.0, 2.1, 4.2))
    return np.stack([(96 + 60 * wave).astype(np.uint8) for wave in waves], axis=-1)


def _draw_ball(picture: Picture, number: int, *, rate: int) -> None:
    """A ball that crosses the picture every four seconds and bounces once a second."""
    height, width = picture.shape[:2]
    radius = height // 12
    time = number / rate
    x = radius + (width - 2 * radius) * abs((time / 4) % 2 - 1)
    y = height * 0.8 - radius - height * 0.6 * abs(np.sin(np.pi * time))
    left, top = int(x) - radius, int(y) - radius
    box = picture[top : top + 2 * radius, left : left + 2 * radius]
    rows, columns = np.ogrid[-radius:radius, -radius:radius]
    box[(rows**2 + columns**2 < radius**2)[: box.shape[0], : box.shape[1]]] = (255, 210, 60)


def _draw_clock(picture: Picture, number: int, *, rate: int) -> None:
    """`mm:ss.hh` above the frame's number, white on black, centred."""
    minutes, seconds = divmod(number // rate, 60)
    hundredths = number % rate * 100 // rate
    scale = max(1, picture.shape[0] // 90)
    _draw_text(picture, f"{minutes:02}:{seconds:02}.{hundredths:02}", row=4, scale=scale)
    _draw_text(picture, f"{number:06}", row=14, scale=scale)


def _draw_text(picture: Picture, text: str, *, row: int, scale: int) -> None:
    glyphs = [_glyph(character) for character in f" {text} "]
    letters = np.pad(np.concatenate(glyphs, axis=1), ((1, 1), (0, 0)))
    bitmap = np.kron(letters, np.ones((scale, scale), dtype=np.uint8)) * np.uint8(255)
    left = (picture.shape[1] - bitmap.shape[1]) // 2
    top = row * scale
    picture[top : top + bitmap.shape[0], left : left + bitmap.shape[1]] = bitmap[..., np.newaxis]


def _glyph(character: str) -> Picture:
    """Seven rows of six pixels, 0 or 1: the character and the space after it."""
    rows = _GLYPHS[character]
    return np.array(
        [[row >> place & 1 for place in (4, 3, 2, 1, 0)] + [0] for row in rows], np.uint8
    )
