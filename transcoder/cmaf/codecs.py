"""What the coded streams say of themselves: H.264 and AAC configurations, RFC 6381 names.

x264 writes Annex B (start codes between units); MP4 wants each unit behind its length.
"""

import struct
from collections.abc import Iterator
from typing import Final

_START_CODE: Final = b"\x00\x00\x01"
_SEQUENCE_SET: Final = 7
_PICTURE_SET: Final = 8
_HIGH_PROFILES: Final = frozenset({100, 110, 122, 144})


def split_units(annex_b: bytes) -> Iterator[bytes]:
    """The NAL units of a byte stream (ITU-T H.264 annex B). None of them ends in a zero byte."""
    for unit in annex_b.split(_START_CODE)[1:]:
        yield unit.rstrip(b"\x00")


def to_length_prefixed(annex_b: bytes) -> bytes:
    """A coded frame as MP4 holds it: each unit behind its length in four bytes."""
    return b"".join(struct.pack(">I", len(unit)) + unit for unit in split_units(annex_b))


def avc_config(annex_b: bytes) -> bytes:
    """The AVCDecoderConfigurationRecord (ISO/IEC 14496-15 section 5.3.3.1) of 8-bit 4:2:0."""
    units = list(split_units(annex_b))
    sequence_sets = [unit for unit in units if unit[0] & 31 == _SEQUENCE_SET]
    picture_sets = [unit for unit in units if unit[0] & 31 == _PICTURE_SET]
    profile, compatibility, level = sequence_sets[0][1:4]
    record = struct.pack(">5B", 1, profile, compatibility, level, 0xFC | 3)
    record += struct.pack(">B", 0xE0 | len(sequence_sets)) + _listed(sequence_sets)
    record += struct.pack(">B", len(picture_sets)) + _listed(picture_sets)
    if profile in _HIGH_PROFILES:
        record += struct.pack(">4B", 0xFC | 1, 0xF8, 0xF8, 0)
    return record


def name_avc(config: bytes) -> str:
    """`avc1.64001f` from the content of an `avcC` (RFC 6381 section 3.3)."""
    return f"avc1.{config[1:4].hex()}"


def name_aac(config: bytes) -> str:
    """`mp4a.40.2` from an AudioSpecificConfig (RFC 6381 section 3.3)."""
    return f"mp4a.40.{config[0] >> 3}"


def _listed(units: list[bytes]) -> bytes:
    return b"".join(struct.pack(">H", len(unit)) + unit for unit in units)
