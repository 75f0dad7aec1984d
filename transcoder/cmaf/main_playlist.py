"""`main.m3u8`: which renditions there are, and what a player needs for each choice among them.

Every rung comes once with each group of sound, so that a player which wants surround sound finds
it at every height. Captions are never on by default: that is for the viewer to say.

Sound alone is not among the variants of a film with pictures: players that begin with the leanest
variant, VLC for one, would begin without a picture. It has a playlist of its own,
`audio/main.m3u8`, for whoever wants to listen only.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from shared.hls.multivariant import (
    IFrameVariant,
    Media,
    MultivariantPlaylist,
    SessionData,
    Variant,
    render_multivariant,
)
from shared.paths import CHAPTERS, MAIN_PLAYLIST, SOUND_PLAYLIST
from transcoder.cmaf.bandwidth import Bandwidth
from transcoder.cmaf.film import AudioRendition, Film, Rendition, TextRendition, VideoRendition
from transcoder.cmaf.playlists import (
    I_FRAMES_NAME,
    MEDIA_NAME,
    choose_target,
    measure_i_frames,
    measure_rendition,
    to_decimal,
    write_media_playlists,
)

_TEXT_GROUP: Final = "text"
_CHAPTERS_ID: Final = "com.apple.hls.chapters"
_VIDEO_RANGE: Final = "SDR"
# Players begin with the first variant listed (Apple 1.32).
_FIRST_VARIANT_BPS: Final = 2_000_000


def write_playlists(film: Film) -> Iterator[tuple[str, str]]:
    """Yield (name, text) of every playlist, `main.m3u8` last."""
    yield from write_media_playlists(film)
    if film.video and film.audio:
        alone = make_main_playlist(replace(film, video=()))
        yield SOUND_PLAYLIST, render_multivariant(_name_from_folder(alone))
    yield MAIN_PLAYLIST, render_multivariant(make_main_playlist(film))


def make_main_playlist(film: Film) -> MultivariantPlaylist:
    """The multivariant playlist of a film."""
    groups = _group_sound(film.audio)
    main = _Main(film, choose_target(film), groups)
    return MultivariantPlaylist(
        variants=(*main.list_video_variants(), *main.list_audio_variants()),
        media=(*main.list_audio_media(), *map(_text_media, film.texts)),
        i_frame_variants=tuple(map(_i_frame_variant, film.video)),
        session_data=(SessionData(_CHAPTERS_ID, uri=CHAPTERS),) if film.chapters else (),
        independent_segments=True,
    )


def _name_from_folder(playlist: MultivariantPlaylist) -> MultivariantPlaylist:
    """The same playlist in a folder of the asset."""
    return replace(
        playlist,
        variants=tuple(replace(one, uri=f"../{one.uri}") for one in playlist.variants),
        media=tuple(replace(one, uri=f"../{one.uri}") for one in playlist.media),
        session_data=tuple(replace(one, uri=f"../{one.uri}") for one in playlist.session_data),
    )


@dataclass(frozen=True, slots=True)
class _Group:
    """Sound that players choose from; the first member is the default."""

    id: str
    members: tuple[AudioRendition, ...]

    @property
    def codecs(self) -> Iterable[str]:
        return dict.fromkeys(member.codecs for member in self.members)


def _group_sound(audio: Sequence[AudioRendition]) -> list[_Group]:
    """The groups, stereo first. All have the same members (RFC 8216 section 4.3.4.1.1): what is
    not there in surround sound stands in that group in stereo."""
    ids = list(dict.fromkeys(rendition.group for rendition in audio))
    first = [rendition for rendition in audio if rendition.group == ids[0]]
    groups = []
    for group_id in ids:
        own = {rendition.name: rendition for rendition in audio if rendition.group == group_id}
        groups.append(_Group(group_id, tuple(own.get(member.name, member) for member in first)))
    return groups


class _Main:
    """The variants of one film, and the sound they name."""

    def __init__(self, film: Film, target_s: int, groups: Sequence[_Group]) -> None:
        self._film = film
        self._target_s = target_s
        self._groups = groups
        self._text_needs = self._measure_any(film.texts)
        # A variant that is the only sound there is needs no group to choose from.
        self._has_choice = bool(film.video) or len(film.audio) > 1

    def list_video_variants(self) -> list[Variant]:
        """The one to begin with, then the others from the lowest up, group by group."""
        groups: Sequence[_Group | None] = self._groups or [None]
        variants = [self._video_variant(r, group) for group in groups for r in self._film.video]
        plain = variants[: len(self._film.video)]
        first = min(plain, key=lambda v: abs(v.bandwidth_bps - _FIRST_VARIANT_BPS), default=None)
        return sorted(variants, key=lambda variant: variant is not first)

    def list_audio_variants(self) -> list[Variant]:
        """Sound alone, where there are no pictures."""
        return [] if self._film.video else [self._audio_variant(group) for group in self._groups]

    def list_audio_media(self) -> Iterator[Media]:
        for group in self._groups if self._has_choice else ():
            spoken = [member.language for member in group.members]
            for number, member in enumerate(group.members):
                is_first_of_language = spoken[number] not in spoken[:number]
                yield _audio_media(member, group.id, is_autoselected=is_first_of_language)

    def _video_variant(self, rendition: VideoRendition, group: _Group | None) -> Variant:
        rung = rendition.rung
        members = group.members if group else ()
        needed = self._measure_any([rendition]) + self._measure_any(members) + self._text_needs
        return Variant(
            uri=f"{rendition.folder}/{MEDIA_NAME}",
            bandwidth_bps=needed.peak_bps,
            average_bandwidth_bps=needed.average_bps,
            codecs=",".join([rendition.codecs, *(group.codecs if group else ())]),
            resolution=(rung.width_px, rung.height_px),
            frame_rate=to_decimal(rung.frame_rate),
            video_range=_VIDEO_RANGE,
            audio=group.id if group else None,
            subtitles=self._subtitles,
            closed_captions="NONE",
        )

    def _audio_variant(self, group: _Group) -> Variant:
        needed = self._measure_any(group.members) + self._text_needs
        return Variant(
            uri=f"{group.members[0].folder}/{MEDIA_NAME}",
            bandwidth_bps=needed.peak_bps,
            average_bandwidth_bps=needed.average_bps,
            codecs=",".join(group.codecs),
            audio=group.id if self._has_choice else None,
            subtitles=self._subtitles,
        )

    @property
    def _subtitles(self) -> str | None:
        return _TEXT_GROUP if self._film.texts else None

    def _measure_any(self, renditions: Iterable[Rendition]) -> Bandwidth:
        """What the most demanding needs of renditions that stand for each other."""
        needs = [measure_rendition(rendition, self._target_s) for rendition in renditions]
        return Bandwidth(
            max((need.peak_bps for need in needs), default=0),
            max((need.average_bps for need in needs), default=0),
        )


def _audio_media(rendition: AudioRendition, group: str, *, is_autoselected: bool) -> Media:
    """A player may choose for the viewer between languages, not between two of one language."""
    return Media(
        type="AUDIO",
        group_id=group,
        name=rendition.name,
        uri=f"{rendition.folder}/{MEDIA_NAME}",
        language=rendition.language,
        default=rendition.is_default,
        autoselect=rendition.is_default or is_autoselected,
        channels=str(rendition.channels),
    )


def _text_media(text: TextRendition) -> Media:
    return Media(
        type="SUBTITLES",
        group_id=_TEXT_GROUP,
        name=text.name,
        uri=f"{text.folder}/{MEDIA_NAME}",
        language=text.language,
        default=text.is_default,
        autoselect=text.is_default or text.is_forced or text.language is not None,
        forced=text.is_forced,
        characteristics=",".join(text.characteristics) or None,
    )


def _i_frame_variant(rendition: VideoRendition) -> IFrameVariant:
    rung, needed = rendition.rung, measure_i_frames(rendition)
    return IFrameVariant(
        uri=f"{rendition.folder}/{I_FRAMES_NAME}",
        bandwidth_bps=needed.peak_bps,
        average_bandwidth_bps=needed.average_bps,
        codecs=rendition.codecs,
        resolution=(rung.width_px, rung.height_px),
        video_range=_VIDEO_RANGE,
    )
