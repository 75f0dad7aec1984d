"""What a report says in numbers of each playlist."""

from collections.abc import Iterator
from fractions import Fraction

from shared.report import StreamFigures
from transcoder.inspect.pictures import look_of
from transcoder.inspect.presentation import Presentation, Span, Stream, TextStream


def list_figures(presentation: Presentation) -> Iterator[StreamFigures]:
    for stream in presentation.streams.values():
        yield _describe_stream(stream)
    for text in presentation.texts.values():
        yield _describe_text(text)


def _describe_stream(stream: Stream) -> StreamFigures:
    look, needed = look_of(stream), stream.bandwidth
    entries = [entry.codecs for entry in (stream.picture, stream.sound) if entry]
    payload = sum(
        span.payload_bytes for s in stream.segments for span in (s.picture, s.sound) if span
    )
    first = stream.segments[0]
    return StreamFigures(
        name=stream.name,
        kind="video" if stream.picture else "audio",
        codecs=",".join(entries),
        duration_ms=round((stream.ends_s - stream.starts_s) * 1000),
        segments=len(stream.segments),
        frames=stream.frames,
        key_frames=sum(1 for _ in stream.key_frames),
        size_bytes=stream.size_bytes,
        overhead_bytes=stream.size_bytes - payload,
        peak_bps=needed.peak_bps,
        average_bps=needed.average_bps,
        width_px=look.width_px if look else None,
        height_px=look.height_px if look else None,
        frame_rate=_show_rate(stream.frame_s) if stream.picture else None,
        picture_starts_us=_starts_us(first.picture),
        sound_starts_us=_starts_us(first.sound),
    )


def _describe_text(text: TextStream) -> StreamFigures:
    return StreamFigures(
        name=text.name,
        kind="text",
        codecs="wvtt",
        duration_ms=round(sum(segment.listed_s for segment in text.segments) * 1000),
        segments=len(text.segments),
        frames=0,
        key_frames=0,
        size_bytes=sum(segment.size_bytes for segment in text.segments),
        overhead_bytes=0,
        peak_bps=0,
        average_bps=0,
    )


def _starts_us(span: Span | None) -> int | None:
    return None if span is None else round(span.starts_s * 1_000_000)


def _show_rate(frame_s: Fraction) -> str:
    return f"{float(1 / frame_s):.3f}"
