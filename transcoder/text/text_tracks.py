"""The text tracks that a source brings along, read as captions on the film's time line."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO, Final

from av.container import InputContainer
from av.packet import Packet
from av.stream import Discard

from shared.captions import MAX_CUES, Captions, Cue
from transcoder.input.facts import TextFacts
from transcoder.input.source import decode_packet, open_source, read_packets
from transcoder.planning.plan import Plan
from transcoder.settings import Settings
from transcoder.text.ass_text import convert_event
from transcoder.text.captions import CaptionTrack

MAX_TEXT_TRACKS: Final = 32

# How long captions stand whose end nobody knows, unless the next come earlier.
_USUAL_MS: Final = 4_000


def read_text_tracks(source: BinaryIO, plan: Plan, settings: Settings) -> tuple[CaptionTrack, ...]:
    """The source's text tracks, in its order; what cannot be decoded of them is left out."""
    chosen = plan.facts.texts[:MAX_TEXT_TRACKS]
    if not chosen:
        return ()
    tracks = {facts.stream: _Track(facts) for facts in chosen}
    with open_source(source, settings) as container:
        for number, cue in _read_cues(container, plan, set(tracks)):
            tracks[number].add(cue)
    return tuple(track.finish() for track in tracks.values())


@dataclass(slots=True)
class _Track:
    """A track's cues as they come."""

    facts: TextFacts
    cues: list[Cue] = field(default_factory=list)

    def add(self, cue: Cue) -> None:
        if len(self.cues) < MAX_CUES:
            self.cues.append(cue)

    def finish(self) -> CaptionTrack:
        return CaptionTrack(
            Captions(tuple(_end_all(sorted(self.cues, key=lambda cue: cue.start_ms)))),
            language=self.facts.language,
            title=self.facts.title,
            is_forced=self.facts.is_forced,
            is_sdh=self.facts.is_sdh,
        )


def _end_all(cues: list[Cue]) -> Iterator[Cue]:
    """The cues, in order; one without an end stands until the next one comes."""
    for number, cue in enumerate(cues):
        if cue.end_ms > cue.start_ms:
            yield cue
            continue
        later = (other.start_ms for other in cues[number + 1 :] if other.start_ms > cue.start_ms)
        end_ms = min(cue.start_ms + _USUAL_MS, next(later, cue.start_ms + _USUAL_MS))
        yield replace(cue, end_ms=end_ms)


def _read_cues(
    container: InputContainer, plan: Plan, wanted: set[int]
) -> Iterator[tuple[int, Cue]]:
    for stream in container.streams:
        if stream.index not in wanted:
            stream.discard = Discard.all
    streams = [container.streams[number] for number in wanted]
    for packet in read_packets(container, streams, plan.facts.clock):
        if packet.pts is None or packet.time_base is None:
            continue
        begins_s = packet.pts * packet.time_base - plan.start_s
        lasts_s = max(0, packet.duration or 0) * packet.time_base
        for text, settings in _decode_texts(packet):
            start_ms, end_ms = (round(moment * 1000) for moment in (begins_s, begins_s + lasts_s))
            yield packet.stream.index, Cue(start_ms, end_ms, text, settings)


def _decode_texts(packet: "Packet[Any]") -> Iterator[tuple[str, str]]:
    for event in decode_packet(packet) or ():
        text, settings = convert_event(_read_letters(event.ass))
        if text:
            yield text, settings


def _read_letters(content: bytes) -> str:
    """Text in UTF-8, as it should be, or as Windows writes it in the west."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")
