"""Files that are no films, that were films, and that were never meant to be any."""

import gzip
import io
import struct
import subprocess
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Final

import av
import numpy as np

from shared.jobs import FailureReason
from tests.corpus.makers import FFMPEG, Maker, as_it_is, clip, dolby_vision, ffmpeg, joined, spoilt
from tests.corpus.studio import MODEST
from transcoder.settings import Settings

UNSUPPORTED: Final = {FailureReason.UNSUPPORTED}
TRUNCATED: Final = {FailureReason.TRUNCATED}
CORRUPT: Final = {FailureReason.CORRUPT}
JOINED: Final = {FailureReason.JOINED}
PROTECTED: Final = {FailureReason.PROTECTED}
NO_MEDIA: Final = {FailureReason.NO_MEDIA}
TOO_LARGE: Final = {FailureReason.TOO_LARGE}
TOO_LONG: Final = {FailureReason.TOO_LONG}
DAMAGED: Final = CORRUPT | TRUNCATED
HOPELESS: Final = DAMAGED | UNSUPPORTED | NO_MEDIA

# The secret that none of them may get hold of, and the port that none may call.
SECRET: Final = "/etc/passwd"
CALL: Final = "http://127.0.0.1:8099/called"


@dataclass(frozen=True, slots=True)
class Bad:
    """A source and the reasons that its refusal may have; it may become a film only if
    `may_play`."""

    name: str
    make: Maker
    reasons: set[FailureReason]
    may_play: bool = False
    settings: Settings = MODEST


def _text(name: str, text: str, reasons: set[FailureReason] = UNSUPPORTED) -> Bad:
    return Bad(name, as_it_is("film.mp4", text.encode()), reasons)


def _bytes(name: str, content: bytes, reasons: set[FailureReason] = UNSUPPORTED) -> Bad:
    return Bad(name, as_it_is("film.mp4", content), reasons)


TEXTS: Final = [
    _text("a playlist of a local file",
          f"#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\n{SECRET}\n"),
    _text("a playlist of a file: address", f"#EXTM3U\n#EXTINF:6,\nfile://{SECRET}\n#EXT-X-ENDLIST\n"),
    _text("a playlist of another host",
          f"#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\n{CALL}.ts\n"),
    _text("a master playlist", f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{CALL}.m3u8\n"),
    _text("a playlist with a key",
          f'#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="{CALL}"\n#EXTINF:6,\na\n'),
    _text("a playlist of joined protocols", f"#EXTM3U\n#EXTINF:6,\nconcat:{CALL}|file://{SECRET}\n"),
    _text("a list of files to join", f"ffconcat version 1.0\nfile '{SECRET}'\n"),
    _text("a session description",
          "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
          "m=video 8099 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"),
    _text("a DASH manifest", f'<MPD><BaseURL>{CALL}</BaseURL></MPD>'),
    _text("an SVG", f'<svg xmlns="http://www.w3.org/2000/svg"><image href="file://{SECRET}"/></svg>'),
    _text("a page", f'<!doctype html><video src="{CALL}"></video>'),
    _text("an XML bomb", '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;">]>'
                         "<a>&c;</a>"),
    _text("JSON", '{"film": "this is none"}' * 99),
    _text("captions", "WEBVTT\n\n00:00.000 --> 00:01.000\nhello\n"),
    _text("SubRip", "1\n00:00:00,000 --> 00:00:01,000\nhello\n\n" * 40),
    _text("lyrics", "[00:01.00]la\n[00:02.00]la la\n" * 40),
    _text("SSA", "[Script Info]\nScriptType: v4.00+\n[Events]\nDialogue: 0,0:0:0,0:0:1,,,,,,,a\n"),
    _text("a list of pictures", "image-%03d.png\n"),
    _text("FFmpeg's metadata", f";FFMETADATA1\ntitle={SECRET}\n"),
    _text("words", "hello, world\n" * 400),
    _text("a Windows playlist", f"[playlist]\nFile1={CALL}\nNumberOfEntries=1\n"),
    _text("a script", "#!/bin/sh\ncurl " + CALL),
    _text("AviSynth", f'DirectShowSource("{SECRET}")\n'),
]  # fmt: skip


def _png(side: int) -> bytes:
    """A picture of black that is small only as a file."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (struct.pack(">I", len(content)) + kind + content
                + struct.pack(">I", zlib.crc32(kind + content)))  # fmt: skip

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((side // 8 + 1) * side), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _zip() -> bytes:
    place = io.BytesIO()
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("film.mp4", bytes(10_000_000))
    return place.getvalue()


def _noise(count: int, seed: int) -> bytes:
    return np.random.default_rng(seed).integers(0, 256, count, np.uint8).tobytes()


def _write_captions(folder: Path) -> Path:
    text = folder / "a.srt"
    text.write_text("1\n00:00:00,000 --> 00:00:01,000\nhello\n\n")
    return ffmpeg_file(folder, "a.mkv", ["-i", str(text), "-c:s", "srt"])


def ffmpeg_file(folder: Path, name: str, options: list[str]) -> Path:
    path = folder / name
    subprocess.run([str(FFMPEG), "-v", "error", *options, str(path)], check=True, timeout=60)
    return path


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


FTYP: Final = _box(b"ftyp", b"isom\0\0\0\0isom")


def _refer_to(place: str) -> bytes:
    """A QuickTime film that lies elsewhere."""
    url = place.encode() + b"\0"
    reference = _box(b"rdrf", bytes(4) + b"url " + struct.pack(">I", len(url)) + url)
    return FTYP + _box(b"moov", _box(b"rmra", _box(b"rmda", reference)))


def _nest(depth: int) -> bytes:
    return b"".join(struct.pack(">I4s", 8 * (depth - n), b"moov") for n in range(depth))


OTHER_THINGS: Final = [
    _bytes("no bytes", b"", NO_MEDIA),
    _bytes("one byte", b"\0"),
    _bytes("seven bytes", b"\0\0\0\x18fty"),
    _bytes("nothing but zeros", bytes(300_000)),
    _bytes("nothing but ones", b"\xff" * 300_000, HOPELESS),
    _bytes("noise", _noise(300_000, 1)),
    _bytes("more noise", _noise(300_000, 2)),
    _bytes("a picture, PNG", _png(64)),
    _bytes("a picture of 900 million pixels", _png(30_000)),
    _bytes("a picture, JPEG", b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0" + bytes(500)),
    _bytes("a picture, GIF", b"GIF89a\1\0\1\0\x80\0\0" + bytes(3) + b"\xff\xff\xff;"),
    _bytes("a ZIP", _zip()),
    _bytes("gzip", gzip.compress(b"#EXTM3U\n" * 999)),
    _bytes("a PDF", b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\n" * 40),
    _bytes("a program", b"\x7fELF\2\1\1" + bytes(4000)),
    _bytes("an ftyp and nothing else", FTYP, TRUNCATED),
    _bytes("a moov without tracks", FTYP + _box(b"moov", _box(
        b"mvhd", struct.pack(">4I", 0, 0, 0, 1000) + bytes(84))), NO_MEDIA | UNSUPPORTED),
    _bytes("boxes in boxes in boxes", FTYP + _nest(20_000), HOPELESS),
    _bytes("a reference movie", _refer_to(SECRET), HOPELESS),
    Bad("Matroska with captions alone", _write_captions, NO_MEDIA | UNSUPPORTED),
]  # fmt: skip


Spoil = Callable[[bytes], bytes]


def keep(share: float) -> Spoil:
    return lambda content: content[: int(len(content) * share)]


def flip(count: int, begin: float = 0.1, end: float = 0.9) -> Spoil:
    """Turn some bits over."""

    def spoil(content: bytes) -> bytes:
        rng = np.random.default_rng(count)
        damaged = bytearray(content)
        for place in rng.integers(int(len(content) * begin), int(len(content) * end), count):
            damaged[place] ^= 1 << int(rng.integers(8))
        return bytes(damaged)

    return spoil


def overwrite(begin: float, end: float, seed: int | None = None) -> Spoil:
    """Put zeros or noise over a part."""

    def spoil(content: bytes) -> bytes:
        first, last = int(len(content) * begin), int(len(content) * end)
        filling = bytes(last - first) if seed is None else _noise(last - first, seed)
        return content[:first] + filling + content[last:]

    return spoil


def replace_all(old: bytes, new: bytes) -> Spoil:
    def spoil(content: bytes) -> bytes:
        assert old in content
        return content.replace(old, new)

    return spoil


def blow_up(box: bytes, offset: int, value: int) -> Spoil:
    """Write a number into the first box of a kind."""

    def spoil(content: bytes) -> bytes:
        at = content.index(box) + 4 + offset
        return content[:at] + struct.pack(">I", value) + content[at + 4 :]

    return spoil


FOUR = {"seconds": 4}
MP4, MOV, MKV = clip("a.mp4", **FOUR), clip("a.mov", **FOUR), clip("a.mkv", **FOUR)
FLV, TS = clip("a.flv", **FOUR), clip("a.ts", **FOUR)
WEBM = clip("a.webm", codec="libvpx", audio="libopus", **FOUR)
AVI = ffmpeg("a.avi", "-c:v mpeg4 -q:v 4 -c:a libmp3lame", seconds=4)
WMV = ffmpeg("a.wmv", "-c:v wmv2 -b:v 1M -c:a wmav2", seconds=4)
WAV = clip("a.wav", codec=None, audio="pcm_s16le", **FOUR)
FAST = ffmpeg("a.mp4", "-c:v libx264 -preset ultrafast -c:a aac -movflags +faststart", seconds=4)

CUT_OFF: Final = [
    Bad("half an MP4", spoilt(MP4, keep(0.5)), TRUNCATED),
    Bad("an MP4 without its last bytes", spoilt(MP4, lambda c: c[:-10]), TRUNCATED),
    Bad("an MP4 without its index", spoilt(MP4, lambda c: c[: c.index(b"moov") - 4]), TRUNCATED),
    Bad("an MP4 hardly begun", spoilt(MP4, lambda c: c[:40]), TRUNCATED),
    Bad("an MP4's index alone", spoilt(MP4, lambda c: c[c.index(b"moov") - 4 :]), DAMAGED),
    Bad("most of an MP4 with its index first", spoilt(FAST, keep(0.75)), TRUNCATED),
    Bad("half a MOV", spoilt(MOV, keep(0.5)), TRUNCATED),
    Bad("half a Matroska", spoilt(MKV, keep(0.5)), TRUNCATED),
    Bad("a Matroska hardly begun", spoilt(MKV, keep(0.02)), HOPELESS),
    Bad("half a WebM", spoilt(WEBM, keep(0.5)), TRUNCATED),
    Bad("half an FLV", spoilt(FLV, keep(0.5)), TRUNCATED),
    Bad("half an AVI", spoilt(AVI, keep(0.5)), TRUNCATED),
    Bad("half a WMV", spoilt(WMV, keep(0.5)), TRUNCATED),
    Bad("half a WAV", spoilt(WAV, keep(0.5)), TRUNCATED),
    Bad("half an MPEG-TS", spoilt(TS, keep(0.5)), HOPELESS, may_play=True),
]

DAMAGED_FILES: Final = [
    Bad("an MP4 with 2000 bits turned", spoilt(MP4, flip(2000)), DAMAGED),
    Bad("a Matroska with 500 bits turned", spoilt(MKV, flip(500)), DAMAGED),
    Bad("an FLV with 3000 bits turned", spoilt(FLV, flip(3000)), HOPELESS, may_play=True),
    Bad("an MPEG-TS with 5000 bits turned", spoilt(TS, flip(5000)), HOPELESS | TOO_LONG,
        may_play=True),
    Bad("an MP4 full of zeros", spoilt(MP4, overwrite(0.05, 0.9)), DAMAGED),
    Bad("an MP4 full of noise", spoilt(MP4, overwrite(0.05, 0.9, 3)), DAMAGED),
    Bad("a Matroska half noise", spoilt(MKV, overwrite(0.3, 0.8, 4)), DAMAGED),
    Bad("an index full of noise", spoilt(FAST, overwrite(0.005, 0.02, 5)), HOPELESS, may_play=True),
    Bad("an index that counts to millions", spoilt(MP4, blow_up(b"stsz", 8, 1 << 28)), HOPELESS
        | {FailureReason.OUT_OF_MEMORY}, may_play=True),
    Bad("a moov longer than the file", spoilt(MP4, blow_up(b"moov", -8, 1 << 30)), DAMAGED),
    Bad("media in another file", spoilt(MP4, lambda c: c.replace(
        b"url \0\0\0\1", b"url \0\0\0\0")), HOPELESS, may_play=True),
    Bad("a picture of an unknown codec",
        spoilt(MKV, replace_all(b"V_MPEG4/ISO/AVC", b"V_MPEG4/ISO/XYZ")), UNSUPPORTED),
    Bad("Dolby Vision of profile 5", dolby_vision("a.ts", is_full_range=True), UNSUPPORTED),
    Bad("sound of an unknown codec alone", spoilt(
        clip("a.mka", codec=None), replace_all(b"A_AAC", b"A_XYZ")), NO_MEDIA | UNSUPPORTED),
    Bad("encrypted", ffmpeg(
        "a.mp4", "-c:v libx264 -preset ultrafast -encryption_scheme cenc-aes-ctr -encryption_key "
                 f"{'0f' * 16} -encryption_kid {'f0' * 16}", sound=False), PROTECTED),
    Bad("a picture in a codec that is not read", ffmpeg("a.avi", "-c:v zmbv", sound=False),
        UNSUPPORTED),
    *(Bad(f"a bit in {1 << power} turned in {name}", spoilt(maker, flip(200 >> power)), HOPELESS
          | TOO_LONG | TOO_LARGE, may_play=True)
      for name, maker in (("an MP4", MP4), ("a Matroska", MKV), ("a WebM", WEBM), ("an AVI", AVI))
      for power in (0, 3, 6)),
]  # fmt: skip


def _write_bomb(folder: Path) -> Path:
    """Black pictures of 8192 x 8192, a few kilobytes."""
    options = "-f lavfi -i color=black:s=8192x8192:r=5:d=1 -c:v libx264 -preset ultrafast"
    return ffmpeg_file(folder, "a.mp4", options.split())


def _write_streams(count: int, folder: Path) -> Path:
    path = folder / "a.mkv"
    with av.open(str(path), "w") as container:
        streams = [container.add_stream("pcm_s16le", rate=8000) for _ in range(count)]
        for stream in streams:
            frame = av.AudioFrame(format="s16", layout="stereo", samples=80)
            frame.sample_rate, frame.pts, frame.time_base = 8000, 0, Fraction(1, 8000)
            container.mux(stream.encode(frame))
    return path


def _within(**limits: int) -> Settings:
    return MODEST.model_copy(update=limits)


TOO_MUCH: Final = [
    Bad("pictures of 67 million pixels", _write_bomb, TOO_LARGE),
    Bad("pictures larger than the container says", spoilt(spoilt(
        clip("a.mkv", size=(640, 360), audio=None),
        replace_all(bytes.fromhex("b0820280"), bytes.fromhex("b0820020"))),
        replace_all(bytes.fromhex("ba820168"), bytes.fromhex("ba820020"))),
        TOO_LARGE | CORRUPT, settings=_within(max_pixels=320 * 180)),
    Bad("two hours, in two pictures", clip("a.mkv", times_s=[0.0, 7200.0], audio=None), TOO_LONG),
    Bad("300 streams", partial(_write_streams, 300), TOO_LARGE),
    Bad("more bytes than are taken", MP4, TOO_LARGE,
        settings=_within(max_source_bytes=10_000)),
    Bad("more memory than there is", ffmpeg("a.mp4", "-c:v libx264 -preset ultrafast "
                                            "-vf scale=1920:1080", sound=False),
        {FailureReason.OUT_OF_MEMORY}, settings=_within(max_memory_bytes=700_000_000)),
]  # fmt: skip

JOINED_FILES: Final = [
    *(Bad(f"two {name} joined", joined(f"a.{ending}", [maker, maker]), JOINED)
      for name, ending, maker in (
          ("MP4", "mp4", MP4), ("FLV", "flv", FLV), ("WMV", "wmv", WMV), ("WAV", "wav", WAV),
          ("AIFF", "aiff", ffmpeg("a.aiff", "-map 1 -c:a pcm_s16be")),
          ("Ogg", "ogv", ffmpeg("a.ogv", "-c:v libtheora -c:a libvorbis")))),
    Bad("MPEG-TS with streams of other numbers joined", joined("a.ts", [TS, ffmpeg(
        "a.ts", "-c:v libx264 -preset ultrafast -c:a aac -mpegts_start_pid 0x300 "
                "-mpegts_pmt_start_pid 0x1200", seconds=4)]), JOINED),
    Bad("two MXF joined", joined("a.mxf", [ffmpeg(
        "a.mxf", "-c:v mpeg2video -pix_fmt yuv422p -c:a pcm_s16le -r 30 -ar 48000")] * 2), CORRUPT),
]  # fmt: skip

BAD: Final = [*TEXTS, *OTHER_THINGS, *CUT_OFF, *DAMAGED_FILES, *TOO_MUCH, *JOINED_FILES]
