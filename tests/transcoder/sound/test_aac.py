"""AAC: as long as what went in, at the same place, and as named."""

import av
import numpy as np
import pytest

from tests.transcoder.playback import measure_delay_ms
from tests.transcoder.sounds import RATE, make_chirp, make_noise
from transcoder.cmaf.boxes import AudioTrack
from transcoder.cmaf.codecs import name_aac
from transcoder.sound.aac import FRAME_SAMPLES, AacEncoder
from transcoder.sound.sound_line import Samples

STEREO = {"channels": 2, "bit_rate_bps": 128_000}
SURROUND = {"channels": 6, "bit_rate_bps": 320_000}


def decode(track: AudioTrack, coded: list[bytes]) -> Samples:
    """What a player makes of AAC frames, which begin without one to prime it."""
    context = av.CodecContext.create("aac", "r")
    context.extradata = track.audio_config
    frames = [frame for content in coded for frame in context.decode(av.Packet(content))]
    return np.concatenate([np.asarray(f.to_ndarray(), np.float32) for f in frames], axis=1)


def encode(encoder: AacEncoder, sent: Samples, step: int = 1000) -> list[bytes]:
    parts = (sent[:, at : at + step] for at in range(0, sent.shape[1], step))
    return [content for part in parts for content in encoder.push(part)] + encoder.finish()


def test_sound_comes_out_when_it_went_in() -> None:
    encoder, sent = AacEncoder("stereo", **STEREO), make_chirp(RATE)
    coded = encode(encoder, sent)
    heard = decode(encoder.track, coded)
    assert heard.shape[1] == len(coded) * FRAME_SAMPLES == -(-RATE // FRAME_SAMPLES) * FRAME_SAMPLES
    assert measure_delay_ms(heard, sent) == 0


@pytest.mark.parametrize("count", [1, 1023, 1024, 1025, 10_000])
def test_there_are_as_many_frames_as_the_sound_fills(count: int) -> None:
    encoder = AacEncoder("stereo", **STEREO)
    assert len(encode(encoder, make_chirp(count))) == -(-count // FRAME_SAMPLES)


def test_pieces_of_any_length_give_the_same_bytes() -> None:
    sent = make_chirp(RATE)
    first = encode(AacEncoder("stereo", **STEREO), sent, step=777)
    assert first == encode(AacEncoder("stereo", **STEREO), sent, step=RATE)


def test_the_stereo_track_says_what_it_is() -> None:
    track = AacEncoder("stereo", **STEREO).track
    assert (track.channels, track.timescale, track.sample_duration) == (2, RATE, FRAME_SAMPLES)
    assert name_aac(track.audio_config) == "mp4a.40.2"


def test_surround_sound_keeps_its_channels_apart() -> None:
    sent = np.zeros((6, 6 * RATE), np.float32)
    for channel in range(6):
        hz = 100 if channel == 3 else 300 + 400 * channel  # the fourth carries low tones alone
        tone = 0.3 * np.sin(2 * np.pi * hz * np.arange(RATE) / RATE)
        sent[channel, channel * RATE : (channel + 1) * RATE] = tone
    encoder = AacEncoder("5.1", **SURROUND)
    heard = decode(encoder.track, encode(encoder, sent))
    levels = np.array([
        [np.sqrt((heard[channel, s * RATE + 4800 : (s + 1) * RATE - 4800] ** 2).mean())
         for channel in range(6)]
        for s in range(6)
    ])  # fmt: skip
    assert np.abs(np.diag(levels) - 0.3 / 2**0.5).max() < 0.01
    assert (levels - np.diag(np.diag(levels))).max() < 0.001


@pytest.mark.parametrize(("layout", "form"), [("stereo", STEREO), ("5.1", SURROUND)])
def test_the_bit_rate_is_the_one_asked_for(layout: str, form: dict[str, int]) -> None:
    coded = encode(AacEncoder(layout, **form), make_noise(5 * RATE, form["channels"]))
    assert sum(map(len, coded)) * 8 / 5 == pytest.approx(form["bit_rate_bps"], rel=0.02)


def test_peaks_outline_the_sound() -> None:
    encoder = AacEncoder("stereo", **STEREO)
    encoder.push(np.full((2, 2048), 0.5, np.float32))
    encoder.push(np.full((2, 2048), 0.25, np.float32))
    assert list(encoder.peaks) == [0.5, 0.5, 0.25, 0.25]
