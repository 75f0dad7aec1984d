"""Segments of fragmented MP4, read to the tick."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from transcoder.cmaf.box_reader import BoxInvalid
from transcoder.cmaf.fragment_reader import Fragment, SampleFacts, read_fragments
from transcoder.cmaf.init_reader import TrackFacts, read_tracks
from transcoder.inspect.decoding import (
    MediaInvalid,
    PictureDecoder,
    Spans,
    count_decoded,
    usual_step,
)
from transcoder.inspect.presentation import Container, KeyFrame, Look, Span


class FragmentedReader:
    """Fragmented MP4, of the first track of each kind."""

    container: Container = "fmp4"

    def __init__(self, init: bytes, *, decodes_all: bool) -> None:
        self._tracks = read_tracks(init)
        kinds = {track.kind: track for track in reversed(self._tracks)}
        self._video, self._audio = kinds.get("vide"), kinds.get("soun")
        if not (self._video or self._audio):
            raise MediaInvalid("neither pictures nor sound")
        self.picture = self._video.entry if self._video else None
        self.sound = self._audio.entry if self._audio else None
        self._decodes_all = decodes_all
        self._decoder = PictureDecoder(self.picture)

    @property
    def looks(self) -> set[Look]:
        return self._decoder.looks

    def measure(self, content: bytes) -> Spans:
        fragments = read_fragments(content, *self._tracks)
        picture = self._measure_track(self._video, fragments, content)
        sound = self._measure_track(self._audio, fragments, content)
        if not (picture or sound):
            raise MediaInvalid("no samples")
        return picture, sound

    def judge_key_frame(self, content: bytes) -> str:
        if self._video is None:
            return "holds no pictures"
        try:
            fragments = read_fragments(content, self._video, is_cut=True)
        except BoxInvalid as error:
            return f"is not read: {error}"
        if not fragments or not fragments[0].samples[0].is_sync:
            return "begins with no key frame"
        if not self._decoder.decodes(_bytes_of(fragments[0].samples[0], content)):
            return "does not decode"
        return ""

    def _measure_track(
        self, track: TrackFacts | None, fragments: Sequence[Fragment], content: bytes
    ) -> Span | None:
        if track is None:
            return None
        own = [fragment for fragment in fragments if fragment.track_id == track.track_id]
        samples = [sample for fragment in own for sample in fragment.samples]
        if not samples:
            return None
        step = usual_step([s.shown_at for s in samples], samples[0].duration)
        keys = tuple(self._read_keys(track, own, content)) if track is self._video else ()
        starts_s = _seconds(track, min(s.shown_at for s in samples)) + track.shift_s
        return Span(
            starts_s=starts_s if track.begins_s is None else max(starts_s, track.begins_s),
            ends_s=_seconds(track, max(s.shown_at for s in samples) + step) + track.shift_s,
            decodes_from_s=_seconds(track, samples[0].decode_time),
            decodes_until_s=_seconds(track, samples[-1].decode_time + samples[-1].duration),
            frame_s=_seconds(track, step),
            frames=len(samples),
            payload_bytes=sum(s.size_bytes for s in samples),
            begins_with_key=samples[0].is_sync,
            key_frames=keys,
            broken=self._count_broken(track, samples, content, keys),
        )

    def _read_keys(
        self, track: TrackFacts, fragments: Sequence[Fragment], content: bytes
    ) -> Iterator[KeyFrame]:
        for fragment in fragments:
            for number, sample in enumerate(fragment.samples):
                if sample.is_sync:
                    yield KeyFrame(
                        shown_s=_seconds(track, sample.shown_at) + track.shift_s,
                        chunk=-1 if number else fragment.offset,
                        end=sample.offset + sample.size_bytes,
                        chunk_end=fragment.end,
                        is_good=self._decoder.decodes(_bytes_of(sample, content)),
                    )

    def _count_broken(
        self,
        track: TrackFacts,
        samples: Sequence[SampleFacts],
        content: bytes,
        keys: Sequence[KeyFrame],
    ) -> int:
        if not self._decodes_all or track.entry.decoder is None:
            return sum(not key.is_good for key in keys)
        coded = (_bytes_of(sample, content) for sample in samples)
        return max(0, len(samples) - count_decoded(track.entry, coded))


def _seconds(track: TrackFacts, ticks: int) -> Fraction:
    return Fraction(ticks, track.timescale)


def _bytes_of(sample: SampleFacts, content: bytes) -> bytes:
    return content[sample.offset : sample.offset + sample.size_bytes]
