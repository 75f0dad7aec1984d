"""Films as the catalogue page shows them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from control_plane.accounts.models import User
from control_plane.catalogue.models import Video
from control_plane.catalogue.selectors import list_videos
from control_plane.signing.posters import poster_url

PAGE_SIZE: Final = 24


@dataclass(frozen=True, slots=True)
class Film:
    """A card; what is not transcoded yet has neither duration nor poster."""

    video: Video
    duration: str
    poster_url: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page of cards; `next_before` is where the next one begins, None on the last."""

    films: list[Film]
    next_before: UUID | None


def list_films(user: User | None, *, before: UUID | None, now: datetime) -> Page:
    """What this user may watch, newest first, from the film after `before`."""
    videos = list_videos(user, now=now).filter(published_at__lte=now, asset__isnull=False)
    if before is not None:
        videos = videos.filter(pk__lt=before)
    found = list(videos[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    next_before = shown[-1].pk if len(found) > PAGE_SIZE else None
    return Page([make_film(video, now=now) for video in shown], next_before)


def make_film(video: Video, *, now: datetime) -> Film:
    """The card of a video; one that has no asset yet has neither duration nor poster."""
    asset = video.asset
    if asset is None:
        return Film(video, "", "")
    is_draft = video.published_at is None
    url = poster_url(video.pk, asset.pk, now=now, is_draft=is_draft)
    return Film(video, format_duration(asset.duration_ms), url)


def format_duration(duration_ms: int) -> str:
    """As players write it: 0:24, 1:02:03.

    >>> format_duration(23_960), format_duration(3_723_000)
    ('0:24', '1:02:03')
    """
    minutes, seconds = divmod(round(duration_ms / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
