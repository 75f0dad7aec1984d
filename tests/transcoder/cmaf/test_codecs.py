"""From x264's byte stream to MP4's units, and the names of codecs."""

import pytest

from transcoder.cmaf.codecs import avc_config, name_aac, name_avc, split_units, to_length_prefixed

SEQUENCE_SET = bytes.fromhex("6764001facd940500000")  # profile 100, level 3.1
PICTURE_SET = bytes.fromhex("68ebecb2")


@pytest.mark.parametrize(
    ("stream", "units"),
    [
        pytest.param("00000001 67aa 000001 68bb", ["67aa", "68bb"], id="long and short codes"),
        pytest.param("000001 67aa 00000001 68bb", ["67aa", "68bb"], id="short and long codes"),
        pytest.param("000001 67 000003 01 000001 68", ["6700000301", "68"], id="escaped zeros"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_units_of_a_stream(stream: str, units: list[str]) -> None:
    assert [unit.hex() for unit in split_units(bytes.fromhex(stream))] == units


def test_units_stand_behind_their_lengths() -> None:
    assert to_length_prefixed(bytes.fromhex("00000001 67aabb 000001 68")) == bytes.fromhex(
        "00000003 67aabb 00000001 68"
    )


def test_configuration_of_high_profile() -> None:
    stream = b"\0\0\0\1" + SEQUENCE_SET[:-2] + b"\0\0\0\1" + PICTURE_SET + b"\0\0\1\x06\x05"
    assert avc_config(stream) == bytes.fromhex(
        "01 64001f ff e1 0008 6764001facd94050 01 0004 68ebecb2 fd f8 f8 00"
    )


def test_configuration_of_baseline_profile_is_shorter() -> None:
    stream = bytes.fromhex("000001 6742c01e 000001 68ce")
    assert avc_config(stream) == bytes.fromhex("01 42c01e ff e1 0004 6742c01e 01 0002 68ce")


def test_names() -> None:
    assert name_avc(bytes.fromhex("0164001fffe1")) == "avc1.64001f"
    assert name_aac(bytes.fromhex("1190")) == "mp4a.40.2"
