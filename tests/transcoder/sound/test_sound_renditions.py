"""All of a film's sound: what comes out is decoded again and measured."""

import io
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from shared.asset import etag_of
from tests.transcoder.clips import Clip, hear, write_clip
from tests.transcoder.orders import QUICK
from tests.transcoder.playback import measure_delay_ms
from tests.transcoder.sound.test_loudness import make_sine, measure
from tests.transcoder.sounds import RATE, Track, make_chirp, make_noise, write_tracks
from transcoder.cmaf.film import AudioRendition
from transcoder.errors import SourceCorrupt, SourceTruncated
from transcoder.input.probe import probe_source
from transcoder.planning.plan import Plan, plan_film
from transcoder.sound.aac import FRAME_SAMPLES
from transcoder.sound.sound_line import Samples
from transcoder.sound.sound_renditions import EncodedSound, encode_sound, outline


class Encoded:
    """A source's sound, encoded, and its files."""

    def __init__(self, path: Path, **changes: Any) -> None:
        self.files: dict[str, bytes] = {}
        self.told: list[float] = []
        with path.open("rb") as source:
            self.plan = replace(plan_film(probe_source(source, QUICK), QUICK), **changes)
            self.sound = self._encode(source, self.plan)

    def _encode(self, source: Any, plan: Plan) -> EncodedSound:
        def put(name: str, content: bytes) -> str:
            self.files[name] = content
            return etag_of(content)

        return encode_sound(source, plan, QUICK, sink=put, report=self.told.append)

    def find(self, folder: str) -> AudioRendition:
        return next(r for r in self.sound.renditions if r.folder == folder)

    def hear(self, folder: str) -> Samples:
        """What a player makes of a rendition."""
        segments = len(self.find(folder).segments)
        names = ["init.mp4", *(f"{number}.m4s" for number in range(1, segments + 1))]
        content = b"".join(self.files[f"{folder}/{name}"] for name in names)
        with av.open(io.BytesIO(content), "r") as container:
            frames = list(container.decode(audio=0))
        assert frames[0].pts == 0
        return np.concatenate([np.asarray(f.to_ndarray(), np.float32) for f in frames], axis=1)


def level_db(samples: Samples) -> float:
    return 20 * float(np.log10(np.sqrt((samples.astype(np.float64) ** 2).mean()) + 1e-9))


def test_the_sound_of_a_film_is_as_long_as_the_film_and_in_its_place(tmp_path: Path) -> None:
    clip = Clip(seconds=7, sound_s=6.5, rate=Fraction(30000, 1001))
    encoded = Encoded(write_clip(tmp_path / "clip.mp4", clip))
    (rendition,) = encoded.sound.renditions
    samples = encoded.plan.duration_s * RATE
    assert len(rendition.segments) == 2
    assert 0 <= rendition.duration_s * RATE - samples < FRAME_SAMPLES
    assert encoded.hear("audio/stereo").shape[1] == rendition.duration_s * RATE
    assert abs(measure_delay_ms(encoded.hear("audio/stereo"), hear(clip))) < 1


def test_left_and_right_may_be_tracks_of_their_own(tmp_path: Path) -> None:
    sent = make_noise(2 * RATE, 2)
    sides = [Track(side[np.newaxis], layout="mono", codec="pcm_s24le") for side in sent]
    encoded = Encoded(write_tracks(tmp_path / "film.mov", *sides))
    assert [r.folder for r in encoded.sound.renditions] == ["audio/stereo"]
    heard = encoded.hear("audio/stereo")
    for side in (0, 1):
        likeness = np.corrcoef(heard[side, : 2 * RATE], sent[side])[0, 1]
        assert likeness > 0.95


def test_a_side_that_ends_sooner_is_silent_from_there_on(tmp_path: Path) -> None:
    sent = make_noise(4 * RATE, 2)
    tracks = [
        Track(sent[:1], layout="mono", codec="pcm_s16le"),
        Track(sent[1:, :RATE], layout="mono", codec="pcm_s16le"),
    ]
    heard = Encoded(write_tracks(tmp_path / "film.mov", *tracks)).hear("audio/stereo")
    assert heard.shape[1] >= 4 * RATE
    assert level_db(heard[1, 2 * RATE :]) < -60 < level_db(heard[0, 2 * RATE : 4 * RATE]) - 30


def test_every_language_comes_out_as_its_own(tmp_path: Path) -> None:
    sent = [make_noise(3 * RATE, 2, seed=seed) for seed in range(3)]
    path = write_tracks(
        tmp_path / "film.mkv",
        Track(sent[0], language="eng", codec="flac"),
        Track(sent[1], language="ger", codec="libopus"),
        Track(sent[2], language="fre", title="Commentaire", codec="aac", rate_hz=44_100),
    )
    encoded = Encoded(path)
    assert [(r.folder, r.language, r.name) for r in encoded.sound.renditions] == [
        ("audio/stereo", "en", "English"),
        ("audio/stereo_2", "de", "Deutsch"),
        ("audio/stereo_3", "fr", "Commentaire"),
    ]
    for own, rendition in enumerate(encoded.sound.renditions):
        heard = encoded.hear(rendition.folder)
        fits = [np.abs(np.corrcoef(heard[0, 4800:RATE], s[0, 4800:RATE])[0, 1]) for s in sent]
        assert abs(measure_delay_ms(heard, sent[own])) < 0.1
        assert int(np.argmax(fits)) == own


def test_tracks_that_begin_at_different_moments_keep_them(tmp_path: Path) -> None:
    sent = make_chirp(2 * RATE)
    path = write_tracks(
        tmp_path / "film.mkv",
        Track(sent, language="eng"),
        Track(sent, language="ger", begins_s=0.75),
    )
    encoded = Encoded(path)
    assert encoded.plan.duration_s == pytest.approx(2.75, abs=0.03)
    assert measure_delay_ms(encoded.hear("audio/stereo"), sent) == pytest.approx(0, abs=1)
    assert measure_delay_ms(encoded.hear("audio/stereo_2"), sent) == pytest.approx(750, abs=1)
    lengths = {rendition.duration_s for rendition in encoded.sound.renditions}
    assert len(lengths) == 1


@pytest.mark.parametrize("codec", ["ac3", "flac", "pcm_s16le", "aac"])
def test_surround_sound_comes_in_stereo_and_as_it_is(codec: str, tmp_path: Path) -> None:
    sent = make_noise(3 * RATE, 6)
    sent[3] = 0.1 * make_sine(0, seconds=3, hz=60)[0]
    path = write_tracks(tmp_path / "film.mkv", Track(sent, "5.1", codec=codec))
    encoded = Encoded(path)
    stereo, surround = encoded.sound.renditions
    assert (stereo.channels, stereo.track.channels, stereo.group) == (2, 2, "stereo")
    assert (surround.channels, surround.track.channels, surround.group) == (6, 6, "surround")
    assert (stereo.track.bit_rate_bps, surround.track.bit_rate_bps) == (128_000, 320_000)
    heard = encoded.hear("audio/surround")
    gains = [level_db(heard[n]) - level_db(sent[n]) for n in range(6)]
    assert surround.loudness is not None
    assert gains == pytest.approx([surround.loudness.gain_db] * 6, abs=0.7)
    mixed = encoded.hear("audio/stereo")
    left = sent[0] + 0.5**0.5 * (sent[2] + sent[4])
    assert stereo.loudness is not None
    assert level_db(mixed[0]) - level_db(left) == pytest.approx(stereo.loudness.gain_db, abs=0.7)
    assert abs(measure_delay_ms(mixed, left[np.newaxis])) < 0.1


def test_mono_is_heard_on_both_sides(tmp_path: Path) -> None:
    sent = make_chirp(3 * RATE, 1)
    encoded = Encoded(write_tracks(tmp_path / "film.wav", Track(sent, "mono")))
    (rendition,) = encoded.sound.renditions
    heard = encoded.hear("audio/stereo")
    assert rendition.channels == 2
    assert np.abs(heard[0] - heard[1]).max() < 0.02
    assert measure_delay_ms(heard, sent) == 0


@pytest.mark.parametrize("level", [-30.0, -23.0, -12.0])
@pytest.mark.parametrize("layout", ["stereo", "5.1"])
def test_every_film_is_equally_loud(level: float, layout: str, tmp_path: Path) -> None:
    channels = 6 if layout == "5.1" else 2
    sent = make_sine(level, seconds=5, channels=channels)
    encoded = Encoded(write_tracks(tmp_path / "film.wav", Track(sent, layout)))
    for rendition in encoded.sound.renditions:
        heard = measure(
            encoded.hear(rendition.folder), "5.1" if rendition.channels > 2 else "stereo"
        )
        assert heard is not None
        assert heard.integrated_lufs == pytest.approx(-16, abs=0.3)
        told = rendition.loudness
        assert told is not None
        assert told.integrated_lufs + told.gain_db == pytest.approx(-16, abs=0.02)


def test_peaks_stay_below_the_ceiling(tmp_path: Path) -> None:
    sent = make_noise(5 * RATE, 2, level=0.01)
    sent[:, ::RATE] = 0.9
    encoded = Encoded(write_tracks(tmp_path / "film.wav", Track(sent)))
    (rendition,) = encoded.sound.renditions
    assert rendition.loudness is not None
    assert rendition.loudness.true_peak_dbtp + rendition.loudness.gain_db <= -1.5
    heard = measure(encoded.hear("audio/stereo"))
    assert heard is not None
    assert heard.true_peak_dbtp < -1
    assert heard.integrated_lufs < -20


def test_the_gain_is_the_same_from_beginning_to_end(tmp_path: Path) -> None:
    quiet, loud = make_sine(-35.0, seconds=4), make_sine(-20.0, seconds=4)
    sent = np.concatenate([quiet, loud, quiet], axis=1)
    encoded = Encoded(write_tracks(tmp_path / "film.flac", Track(sent, codec="flac")))
    heard = encoded.hear("audio/stereo")
    gains = [
        level_db(heard[:, at : at + RATE]) - level_db(sent[:, at : at + RATE])
        for at in (RATE, 5 * RATE, 9 * RATE)
    ]
    assert max(gains) - min(gains) < 0.2


def test_silence_stays_silence(tmp_path: Path) -> None:
    path = write_tracks(tmp_path / "film.wav", Track(np.zeros((2, 2 * RATE), np.float32)))
    encoded = Encoded(path)
    assert encoded.sound.renditions[0].loudness is None
    assert not encoded.hear("audio/stereo").any()


def test_sound_that_changes_its_form_goes_on(tmp_path: Path) -> None:
    """A transport stream whose second half is another recording."""
    first = write_tracks(tmp_path / "a.ts", Track(make_chirp(2 * RATE), codec="aac"))
    second = write_tracks(
        tmp_path / "b.ts",
        Track(make_chirp(2 * RATE, 1), "mono", codec="aac", rate_hz=44_100, begins_s=2.0),
    )
    both = tmp_path / "both.ts"
    both.write_bytes(first.read_bytes() + second.read_bytes())
    encoded = Encoded(both)
    heard = encoded.hear("audio/stereo")
    assert heard.shape[1] / RATE == pytest.approx(4, abs=0.1)
    for half in range(2):
        part = heard[:, half * 2 * RATE + 9600 : (half + 1) * 2 * RATE - 9600]
        assert level_db(part) > -25
    # the muxer moved the first recording by one AAC frame, to have no time before 0
    assert measure_delay_ms(heard[:, 2 * RATE :], make_chirp(2 * RATE)) == pytest.approx(0, abs=22)


def test_the_same_source_gives_the_same_bytes(tmp_path: Path) -> None:
    path = write_tracks(tmp_path / "film.wav", Track(make_noise(2 * RATE, 6), "5.1"))
    assert Encoded(path).files == Encoded(path).files


def test_a_film_without_sound_has_no_rendition(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", Clip(audio=None))
    encoded = Encoded(path)
    assert encoded.sound == EncodedSound((), ())
    assert encoded.files == {}


def test_progress_rises_from_measuring_to_the_end(tmp_path: Path) -> None:
    encoded = Encoded(write_tracks(tmp_path / "film.wav", Track(make_chirp(3 * RATE))))
    assert encoded.told == sorted(encoded.told)
    assert 0 < encoded.told[0] < 0.1
    assert encoded.told[-1] == pytest.approx(1)


def test_sound_that_ends_too_early_is_refused(tmp_path: Path) -> None:
    path = write_tracks(tmp_path / "film.mkv", Track(make_chirp(4 * RATE)))
    with path.open("rb") as source:
        plan = plan_film(probe_source(source, QUICK), QUICK)
    (facts,) = plan.facts.audio
    promised = replace(plan.facts, audio=(replace(facts, end_s=Fraction(8)),))
    with pytest.raises(SourceTruncated):
        Encoded(path, facts=promised, duration_s=Fraction(8))


def test_sound_that_cannot_be_decoded_is_refused(tmp_path: Path) -> None:
    path = write_tracks(tmp_path / "film.mkv", Track(make_noise(4 * RATE, 2), codec="flac"))
    content = bytearray(path.read_bytes())
    for at in range(len(content) // 8, len(content) - 2000, 1500):
        content[at : at + 700] = bytes(700)
    spoilt = tmp_path / "spoilt.mkv"
    spoilt.write_bytes(content)
    with pytest.raises((SourceCorrupt, SourceTruncated)):
        Encoded(spoilt)


@pytest.mark.parametrize(
    ("peaks", "values"),
    [((), 1), ((0.5,), 1), ((0.1, 0.2), 2), ((0.5,) * 256, 256), ((0.5,) * 10_000, 256)],
    ids=["none", "one", "two", "as many", "many"],
)
def test_few_values_outline_any_sound(peaks: tuple[float, ...], values: int) -> None:
    assert len(outline(peaks)) == values


def test_an_outline_keeps_the_loudest() -> None:
    assert max(outline([0.1] * 1000 + [0.9] + [0.1] * 1000)) == 0.9
