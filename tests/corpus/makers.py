"""Makers of the corpus: the same numbered pictures and the same tone, in what others write.

PyAV makes what `tests.transcoder.clips` can say; the programs of FFmpeg (Debian's, older than the
libraries that are tested) and of GStreamer make the rest.
"""

import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray

from tests.transcoder.clips import RATE_HZ, Clip, draw_upright, hear, write_clip

FFMPEG: Final = shutil.which("ffmpeg", path="/usr/bin")
GSTREAMER: Final = shutil.which("gst-launch-1.0")

Maker = Callable[[Path], Path]


def clip(name: str, **changes: object) -> Maker:
    """By PyAV."""
    return partial(_write_clip, name, replace(Clip(), **changes))  # type: ignore[arg-type]


def _write_clip(name: str, made: Clip, folder: Path) -> Path:
    return write_clip(folder / name, made)


def ffmpeg(
    name: str,
    options: str,
    *,
    size: tuple[int, int] = (320, 180),
    rate: Fraction | int = 30,
    seconds: int = 2,
    sound: bool = True,
    before: str = "",
) -> Maker:
    """By FFmpeg's program: input 0 is the pictures, 1 the sound."""
    source = Clip(size=size, rate=Fraction(rate), seconds=seconds)
    return partial(_run_ffmpeg, name, source, options.split(), sound, before.split())


def _run_ffmpeg(
    name: str, source: Clip, options: list[str], sound: bool, before: list[str], folder: Path
) -> Path:
    assert FFMPEG, "the corpus needs ffmpeg"
    path = folder / name
    width, height = source.size
    inputs = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}"]
    inputs += ["-r", str(source.rate), *before, "-i", "pipe:0"]
    if sound:
        inputs += ["-i", str(write_sound(folder / "sound.wav", source))]
    command = [FFMPEG, "-v", "error", "-y", *inputs, *options, str(path)]
    pictures = b"".join(picture.tobytes() for picture in draw_upright(source))
    subprocess.run(command, input=pictures, check=True, timeout=120, cwd=folder)
    return path


def write_sound(path: Path, source: Clip) -> Path:
    """The clip's sound in a file of its own."""
    return write_clip(path, replace(source, codec=None, audio="pcm_s16le"))


def gstreamer(name: str, pipeline: str, *, rate: int = 30, seconds: int = 2) -> Maker:
    """By GStreamer: `pipeline` is what comes after the raw pictures, which `{sound}` may join."""
    source = Clip(rate=Fraction(rate), seconds=seconds)
    return partial(_run_gstreamer, name, source, pipeline)


def _run_gstreamer(name: str, source: Clip, pipeline: str, folder: Path) -> Path:
    assert GSTREAMER, "the corpus needs GStreamer"
    path = folder / name
    width, height = source.size
    raw = folder / "pictures.rgb"
    raw.write_bytes(b"".join(picture.tobytes() for picture in draw_upright(source)))
    sound = write_sound(folder / "sound.wav", source)
    begin = (
        f"filesrc location={raw} blocksize={width * height * 3} ! rawvideoparse format=rgb "
        f"width={width} height={height} framerate={source.rate}/1 ! videoconvert ! "
    )
    hearing = f"filesrc location={sound} ! wavparse ! audioconvert ! audioresample"
    text = begin + pipeline.format(path=path, sound=hearing)
    command = [GSTREAMER, "-q", *text.split()]
    subprocess.run(command, check=True, timeout=120, capture_output=True)
    return path


@dataclass(frozen=True, slots=True)
class Light:
    """How bright pictures are written for a high dynamic range: by transfer function."""

    transfer: int
    encode: Callable[[NDArray[np.float64]], NDArray[np.float64]]


def encode_pq(nits: NDArray[np.float64]) -> NDArray[np.float64]:
    light = (nits / 10_000) ** (2610 / 16384)
    coded = (3424 / 4096 + 2413 / 128 * light) / (1 + 2392 / 128 * light)
    return np.asarray(coded ** (2523 / 32), np.float64)


def encode_hlg(nits: NDArray[np.float64]) -> NDArray[np.float64]:
    """For a screen of 1000 nits."""
    luma = nits @ np.array([0.2627, 0.6780, 0.0593])
    scene = nits / 1000 * (np.maximum(luma, 1e-6) / 1000)[..., np.newaxis] ** (1 / 1.2 - 1)
    bright = 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073
    return np.asarray(np.where(scene <= 1 / 12, (3 * scene) ** 0.5, bright), np.float64)


PQ: Final = Light(16, encode_pq)
HLG: Final = Light(18, encode_hlg)

_TO_BT2020: Final = np.array(
    [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]]
)


def hdr(name: str, light: Light, *, size: tuple[int, int] = (320, 180)) -> Maker:
    """By PyAV: HEVC of 10 bits, whose ordinary white is as bright as HDR's reference white."""
    return partial(_write_hdr, name, light, Clip(size=size, seconds=1))


def _write_hdr(name: str, light: Light, source: Clip, folder: Path) -> Path:
    path = folder / name
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx265", rate=source.rate)
        stream.width, stream.height = source.size
        stream.pix_fmt = "yuv420p10le"
        context = stream.codec_context
        context.color_primaries, context.color_trc, context.colorspace = 9, light.transfer, 9
        context.color_range = 1
        stream.options = {"preset": "ultrafast", "x265-params": "log-level=none"}
        for number, picture in enumerate(draw_upright(source)):
            frame = _light_up(picture, light)
            frame.pts, frame.time_base = number, 1 / source.rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def _light_up(picture: NDArray[np.uint8], light: Light) -> av.VideoFrame:
    nits = (picture / 255.0) ** 2.4 * 203 @ _TO_BT2020.T
    red, green, blue = np.moveaxis(light.encode(nits), -1, 0)
    luma = 0.2627 * red + 0.6780 * green + 0.0593 * blue
    planes = (
        64 + 876 * luma,
        _halve(512 + 896 * (blue - luma) / 1.8814),
        _halve(512 + 896 * (red - luma) / 1.4746),
    )
    frame = av.VideoFrame(picture.shape[1], picture.shape[0], "yuv420p10le")
    for plane, samples in zip(frame.planes, planes, strict=True):
        rows = np.zeros((samples.shape[0], plane.line_size // 2), np.uint16)
        rows[:, : samples.shape[1]] = samples.round()
        plane.update(rows.tobytes())
    return frame


def _halve(plane: NDArray[np.float64]) -> NDArray[np.float64]:
    height, width = plane.shape
    return np.asarray(plane.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3)), np.float64)


def dolby_vision(name: str, *, is_full_range: bool) -> Maker:
    """By PyAV: HEVC of 10 bits that bears an RPU in each picture, of profile 5 if its levels are
    of full range."""
    return partial(_write_dolby_vision, name, is_full_range)


def _write_dolby_vision(name: str, is_full_range: bool, folder: Path) -> Path:
    source = Clip(size=(320, 180), seconds=1)
    path = folder / name
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx265", rate=source.rate)
        stream.width, stream.height = source.size
        stream.pix_fmt = "yuv420p10le"
        stream.options = {"preset": "ultrafast", "x265-params": "log-level=none"}
        rpu = b"\0\0\0\1\x7c\x01" + _escape(_write_rpu(is_full_range=is_full_range))
        for number, picture in enumerate([*draw_upright(source), None]):
            frame = None
            if picture is not None:
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
                frame = frame.reformat(format="yuv420p10le")
                frame.pts, frame.time_base = number, 1 / source.rate
            for packet in stream.encode(frame):
                longer: av.Packet[Any] = av.Packet(bytes(packet) + rpu)
                longer.pts, longer.dts, longer.time_base = packet.pts, packet.dts, packet.time_base
                longer.stream, longer.is_keyframe = stream, packet.is_keyframe
                container.mux(longer)
    return path


def _write_rpu(*, is_full_range: bool) -> bytes:
    """A reference processing unit that maps each part of a picture to itself."""
    curve = _golomb(0) + _golomb(0) + "0" + 2 * (_golomb(0) + f"{0:023b}")
    bits = (
        f"{2:06b}{18:011b}{0:04b}{0:04b}1"
        f"0{0:02b}{_golomb(23)}{1:02b}{is_full_range:b}"
        f"{_golomb(2)}{_golomb(2)}{_golomb(4)}000001"
        f"00{3 * _golomb(0)}{3 * (_golomb(0) + f'{0:010b}{1023:010b}')}"
        f"{2 * _golomb(0)}{3 * curve}"
    )
    content = bytes(int(bits[at : at + 8].ljust(8, "0"), 2) for at in range(0, len(bits), 8))
    return b"\x19" + content + b"\xff" * 4 + b"\x80"


def _golomb(value: int) -> str:
    """Exponential Golomb code, as in ITU-T H.265, 9.2."""
    bits = f"{value + 1:b}"
    return "0" * (len(bits) - 1) + bits


def _escape(content: bytes) -> bytes:
    """A NAL unit without start codes in its midst (ITU-T H.265, 7.4.2)."""
    written = bytearray()
    for byte in content:
        if written[-2:] == b"\0\0" and byte <= 3:
            written.append(3)
        written.append(byte)
    return bytes(written)


def turned(name: str, quarters: int, *, is_mirrored: bool) -> Maker:
    """By PyAV: a picture that was taken turned and mirrored, and a matrix that puts it right."""
    return partial(_write_turned, name, quarters, is_mirrored)


def _write_turned(name: str, quarters: int, is_mirrored: bool, folder: Path) -> Path:
    source = Clip(size=(320, 180))
    path = folder / name
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=source.rate)
        stream.options = {"preset": "ultrafast", "crf": "18"}
        pictures = [_turn_away(picture, quarters, is_mirrored) for picture in draw_upright(source)]
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.set_display_matrix(_matrix(quarters, is_mirrored))
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, 1 / source.rate
            container.mux(stream.encode(frame.reformat(format="yuv420p")))
        container.mux(stream.encode(None))
    return path


def _turn_away(picture: NDArray[np.uint8], quarters: int, is_mirrored: bool) -> NDArray[np.uint8]:
    """What becomes the picture when it is mirrored and then turned counter-clockwise."""
    turned_back = np.rot90(picture, -quarters)
    return np.ascontiguousarray(np.fliplr(turned_back) if is_mirrored else turned_back)


def _matrix(quarters: int, is_mirrored: bool) -> tuple[int, ...]:
    a, b, c, d = ((1, 0, 0, 1), (0, -1, 1, 0), (-1, 0, 0, -1), (0, 1, -1, 0))[quarters]
    if is_mirrored:
        a, b = -a, -b
    return (a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30)


def joined(name: str, makers: Iterable[Maker]) -> Maker:
    """Files one after the other, as a recorder leaves them that was switched over."""
    return partial(_join, name, tuple(makers))


def _join(name: str, makers: tuple[Maker, ...], folder: Path) -> Path:
    path = folder / name
    parts = []
    for number, maker in enumerate(makers):
        place = folder / str(number)
        place.mkdir()
        parts.append(maker(place).read_bytes())
    path.write_bytes(b"".join(parts))
    return path


def as_it_is(name: str, content: bytes) -> Maker:
    """Bytes that somebody calls a film."""
    return partial(_write_bytes, name, content)


def _write_bytes(name: str, content: bytes, folder: Path) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def spoilt(maker: Maker, spoil: Callable[[bytes], bytes]) -> Maker:
    """A good file, and what became of it."""
    return partial(_spoil, maker, spoil)


def _spoil(maker: Maker, spoil: Callable[[bytes], bytes], folder: Path) -> Path:
    path = maker(folder)
    path.write_bytes(spoil(path.read_bytes()))
    return path


def sound_of(seconds: int) -> NDArray[np.float32]:
    """What is heard in the makers' files, left and right, at 48 kHz."""
    return hear(Clip(seconds=seconds))[:, : seconds * RATE_HZ]
