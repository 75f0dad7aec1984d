"""What an asset of ours has to go through before it is published: the rules that hold for every
package, what its document says of its files, and that it is exactly what is made here.

Some of Apple's rules are decided otherwise here, and not told of each film again; some that others
may break are kept by how films are made here, so that breaking them is a fault of ours.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final
from urllib.parse import urljoin

from shared.asset import Asset, AssetFile, Rendition, etag_of, index_files
from shared.hls.attributes import PlaylistInvalid
from shared.hls.media import ByteRange
from shared.hls.multivariant import parse_multivariant
from shared.paths import MAIN_PLAYLIST, SOUND_PLAYLIST
from shared.report import Finding, Report
from shared.runtime.store.interface import ObjectMissing
from transcoder.inspect.figures import list_figures
from transcoder.inspect.presentation import Presentation, Stream
from transcoder.inspect.rules import RULES, Rule, judge
from transcoder.inspect.segments import show_s
from transcoder.inspect.sources import SourceUnreadable
from transcoder.inspect.storyboards import find_storyboard_faults
from transcoder.inspect.walk import PresentationUnreadable, walk_presentation
from transcoder.text.captions import SPOKEN_AND_HEARD

Read = Callable[[str], bytes]

# One quality at each height, and no rung for the mobile networks of 2010.
_DECIDED_OTHERWISE: Final = frozenset({"9.10", "9.21"})
_KEPT_HERE: Final = frozenset({"1.13", "1.32", "8.3", "9.5", "length", "start"})


def inspect_package(asset: Asset, read: Read, *, decodes_all: bool = False) -> Report:
    """Check a package against its document; `read` returns a whole file by its name, or raises
    `ObjectMissing`. Whatever is wrong with the package is a finding, never an error."""
    source = _AssetSource(asset, read)
    try:
        presentation = walk_presentation(source, MAIN_PLAYLIST, decodes_all=decodes_all)
    except PresentationUnreadable as error:
        fault = _fault(MAIN_PLAYLIST, str(error), "readable")
        return Report(failures=(fault, *source.faults), warnings=(), figures=())
    findings = [(rule, finding) for rule in RULES for finding in judge(presentation, rule)]
    failures = [finding for rule, finding in findings if is_failure(rule)]
    failures += _check_records(asset, presentation)
    failures += _check_texts(asset, presentation)
    failures += _check_ends(asset, presentation)
    failures += source.check_sound_alone(presentation)
    failures += find_storyboard_faults(asset, source.read)
    failures += source.check_rest()
    warnings = [f for rule, f in findings if not is_failure(rule) and not is_choice(rule)]
    return Report(
        failures=tuple(dict.fromkeys([*source.faults, *failures])),
        warnings=tuple(warnings),
        figures=tuple(list_figures(presentation)),
    )


def is_failure(rule: Rule) -> bool:
    return rule.is_must or rule.number in _KEPT_HERE


def is_choice(rule: Rule) -> bool:
    return rule.number in _DECIDED_OTHERWISE


class _AssetSource:
    """The asset's files, each compared with the document when it is first read."""

    def __init__(self, asset: Asset, read: Read) -> None:
        self._read = read
        self._files = index_files(asset)
        self._seen: set[str] = set()
        self.faults: list[Finding] = []

    def resolve(self, base: str, uri: str) -> str:
        return urljoin(base, uri)

    def show(self, address: str) -> str:
        return address

    def read(self, address: str, byte_range: ByteRange | None = None) -> bytes:
        try:
            content = self._read(address)
        except ObjectMissing as error:
            raise SourceUnreadable(f"{address} is missing") from error
        if address not in self._seen:
            self._seen.add(address)
            self.faults += _check_file(self._files.get(address), address, content)
        if byte_range is None:
            return content
        first = byte_range.offset or 0
        return content[first : first + byte_range.length]

    def check_sound_alone(self, presentation: Presentation) -> Iterator[Finding]:
        """The playlist for whoever wants to listen only: it names what was read already."""
        if SOUND_PLAYLIST not in self._files:
            return
        try:
            main = parse_multivariant(self.read(SOUND_PLAYLIST).decode())
        except (SourceUnreadable, PlaylistInvalid, UnicodeDecodeError) as error:
            yield _fault(SOUND_PLAYLIST, f"cannot be read: {error}", "readable")
            return
        known = {sound.name for sound in presentation.sounds}
        known |= {text.name for text in presentation.texts.values()}
        uris = [*(one.uri for one in main.variants), *(one.uri or "" for one in main.media)]
        for uri in uris:
            if self.resolve(SOUND_PLAYLIST, uri) not in known:
                yield _fault(SOUND_PLAYLIST, f"{uri} is no sound of the film", "readable")

    def check_rest(self) -> Iterator[Finding]:
        """Files that no playlist names: that they are there, and are the ones listed."""
        for name in self._files:
            if name in self._seen:
                continue
            if name.endswith(".m4s"):
                yield _fault(name, "is in no playlist")
            try:
                self.read(name)
            except SourceUnreadable:
                yield _fault(name, "is missing")


def _check_file(file: AssetFile | None, name: str, content: bytes) -> Iterator[Finding]:
    if file is None:
        yield _fault(name, "is not listed")
    elif (file.size_bytes, file.etag) != (len(content), etag_of(content)):
        yield _fault(name, "is not the file that is listed")


def _fault(name: str, text: str, rule: str = "document") -> Finding:
    return Finding(rule=rule, name=name, text=text)


def _check_records(asset: Asset, presentation: Presentation) -> Iterator[Finding]:
    """What the document says of each rendition."""
    streams = {_folder_of(stream.name): stream for stream in presentation.streams.values()}
    for record in asset.renditions:
        stream = streams.pop(_folder_of(record.segments.pattern), None)
        if stream is None:
            yield _fault(record.id, "is in no playlist that can be read")
            continue
        for text in _compare(record, stream):
            yield _fault(stream.name, text)
    for stream in streams.values():
        yield _fault(stream.name, "is no rendition of the document")


def _check_texts(asset: Asset, presentation: Presentation) -> Iterator[Finding]:
    """What players are told of the captions, so that they offer the right ones."""
    listed = {media.uri: media for media in presentation.main.media if media.type == "SUBTITLES"}
    for text in asset.texts:
        media = listed.pop(text.playlist, None)
        if media is None:
            yield _fault(text.playlist, "is not in the multivariant playlist")
            continue
        told = (media.name, media.language, media.forced)
        if told != (text.name, text.language, text.is_forced):
            yield _fault(text.playlist, "has another NAME, LANGUAGE or FORCED")
        characteristics = (media.characteristics or "").split(",")
        if text.is_sdh and not set(SPOKEN_AND_HEARD).issubset(characteristics):
            yield _fault(text.playlist, "lacks CHARACTERISTICS of captions that tell sounds", "4.5")
    for uri in listed:
        yield _fault(uri or MAIN_PLAYLIST, "is no text of the document")


def _folder_of(name: str) -> str:
    return name.rpartition("/")[0]


def _compare(record: Rendition, stream: Stream) -> Iterator[str]:
    names = [segment.name for segment in stream.segments]
    if names != list(record.segments.names()):
        yield f"{len(names)} segments are listed, or in another order"
    if abs(Fraction(record.duration_ms, 1000) - stream.ends_s) > stream.frame_s:
        yield f"lasts {show_s(stream.ends_s)}, not {record.duration_ms} ms"
    if stream.bandwidth.peak_bps > record.bandwidth_bps:
        yield f"peaks at {stream.bandwidth.peak_bps} bit/s, not {record.bandwidth_bps}"
    if record.frame_rate is not None and stream.frame_s != 1 / Fraction(record.frame_rate):
        yield f"shows a picture every {show_s(stream.frame_s)}, not {record.frame_rate} a second"


def _check_ends(asset: Asset, presentation: Presentation) -> Iterator[Finding]:
    """Everything begins at 0, lasts as long as the asset, and leaves no frame out; no variant needs
    more than it says."""
    for stream in presentation.streams.values():
        for text in _find_misfits(stream, Fraction(asset.duration_ms, 1000)):
            yield _fault(stream.name, text, "frames")
    for variant, stream in presentation.variants:
        peak = presentation.bandwidth(variant, stream).peak_bps
        if peak > variant.bandwidth_bps:
            yield _fault(MAIN_PLAYLIST, f"{variant.uri} peaks at {peak} bit/s", "RFC 8216 4.3.4.2")
    yield from _check_key_entries(presentation)


def _find_misfits(stream: Stream, duration_s: Fraction) -> Iterator[str]:
    frame_s = stream.frame_s
    if stream.starts_s != 0:
        yield f"begins at {show_s(stream.starts_s)}, not at 0"
    for segment in stream.segments:
        lasts_s = segment.main.ends_s - segment.main.starts_s
        if segment.main.frames * frame_s != lasts_s:
            yield f"{segment.name} has {segment.main.frames} frames for {show_s(lasts_s)}"
    for before, after in pairwise(stream.segments):
        if before.main.ends_s != after.main.starts_s:
            yield f"{after.name} does not begin at {show_s(before.main.ends_s)}, where it should"
    # sound comes in frames of its own, and a rung at half the rate in pictures of its own
    if abs(stream.ends_s - duration_s) > frame_s:
        yield f"lasts {show_s(stream.ends_s)}, the asset {show_s(duration_s)}"


def _check_key_entries(presentation: Presentation) -> Iterator[Finding]:
    """Every key frame is in the I-frame playlist beside its pictures."""
    named = {
        _folder_of(stream.name): Counter(entry.name for entry in stream.entries)
        for stream in presentation.key_streams.values()
    }
    for stream in presentation.videos:
        entries = named.get(_folder_of(stream.name), Counter[str]())
        for segment in stream.segments:
            keys = len(segment.picture.key_frames) if segment.picture else 0
            if entries[segment.name] != keys:
                yield _fault(segment.name, f"has {keys} key frames, not as many entries", "6.2")


def summarize(failures: Sequence[Finding]) -> str:
    """Failures as one line for an operator."""
    return "; ".join(map(str, failures))
