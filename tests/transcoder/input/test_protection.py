"""What is encrypted is refused as such, and not taken for damaged or for shorter than it is."""

import io
from collections.abc import Set
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from shared.jobs import FailureReason
from tests.transcoder.clips import Clip, write_clip
from transcoder.errors import SourceProtected, TranscodeFailed
from transcoder.input.probe import probe_source
from transcoder.input.protection import count_packets, measure_scrambled
from transcoder.settings import Settings

CLIP = Clip(size=(64, 36))
PICTURE, SOUND = 0x100, 0x101


def refuse(content: bytes) -> FailureReason:
    with pytest.raises(TranscodeFailed) as refusal:
        probe_source(io.BytesIO(content), Settings())
    return refusal.value.reason


def scramble(content: bytes, pids: Set[int], share: float = 1.0) -> bytes:
    """A television signal whose end only those can see who pay."""
    packets = np.frombuffer(content, np.uint8).reshape(-1, 188).copy()
    is_own = np.isin((packets[:, 1].astype(int) & 0x1F) << 8 | packets[:, 2], list(pids))
    is_own[: round(len(packets) * (1 - share))] = False
    packets[is_own, 3] |= 0xC0
    noise = np.random.default_rng(1).integers(0, 256, (is_own.sum(), 150), np.uint8)
    packets[is_own, 38:] = noise
    return packets.tobytes()


def test_an_encrypted_film_is_refused(tmp_path: Path) -> None:
    options = {
        "encryption_scheme": "cenc-aes-ctr",
        "encryption_key": "0f" * 16,
        "encryption_kid": "f0" * 16,
    }
    content = write_clip(tmp_path / "a.mp4", Clip(seconds=1, options=options)).read_bytes()
    assert refuse(content) == FailureReason.PROTECTED


def test_sound_of_a_shop_is_refused(tmp_path: Path) -> None:
    content = write_clip(tmp_path / "a.m4a", Clip(seconds=1, codec=None)).read_bytes()
    assert content.count(b"mp4a\0") == 1
    assert refuse(content.replace(b"mp4a\0", b"drms\0")) == FailureReason.PROTECTED


@pytest.mark.parametrize(
    ("pids", "share"),
    [({PICTURE, SOUND}, 1.0), ({PICTURE}, 1.0), ({PICTURE, SOUND}, 0.5)],
    ids=["all", "the picture", "the second half"],
)
def test_a_scrambled_programme_is_refused(pids: Set[int], share: float, tmp_path: Path) -> None:
    content = write_clip(tmp_path / "a.ts", CLIP).read_bytes()
    assert refuse(scramble(content, pids, share)) == FailureReason.PROTECTED


def test_another_programme_may_be_scrambled(tmp_path: Path) -> None:
    content = write_clip(tmp_path / "a.ts", CLIP).read_bytes()
    for scrambled, share in (({0x200}, 0), ({SOUND}, 1)):
        count = partial(count_packets, {SOUND})
        assert measure_scrambled(io.BytesIO(scramble(content, scrambled)), count) == share


def test_a_copy_of_a_scrambled_dvd_is_refused(tmp_path: Path) -> None:
    clip = Clip(codec="mpeg2video", audio="ac3")
    content = bytearray(write_clip(tmp_path / "a.vob", clip).read_bytes())
    probe_source(io.BytesIO(content), Settings())
    for begin in range(0, len(content) - 2048, 2048):
        if content[begin + 14 : begin + 17] == b"\0\0\1" and content[begin + 17] in (0xBD, 0xE0):
            content[begin + 20] |= 0x10
    assert refuse(bytes(content)) == FailureReason.PROTECTED


def test_a_few_packets_may_be_scrambled(tmp_path: Path) -> None:
    content = write_clip(tmp_path / "a.ts", CLIP).read_bytes()
    try:
        probe_source(io.BytesIO(scramble(content, {PICTURE, SOUND}, 0.03)), Settings())
    except SourceProtected:
        pytest.fail("so little is no protection")
