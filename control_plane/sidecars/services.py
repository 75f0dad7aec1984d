"""Writes: captions that come and go, a poster that is chosen. Each makes the asset out of date.

The asset is made anew from what it holds, and nothing is encoded (`transcodes.renewal`).
"""

from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from django.db import transaction

from control_plane.accounts.models import User
from control_plane.catalogue.leftovers import KEPT_FOR, note_leftovers
from control_plane.catalogue.media import open_store
from control_plane.catalogue.models import Caption, Video
from control_plane.catalogue.services import lock_video
from control_plane.catalogue.sidecars import caption_key
from control_plane.errors import Refused
from control_plane.sidecars.selectors import list_posters
from control_plane.transcodes.renewal import renew_asset
from control_plane.transcodes.services import check_queue
from shared.captions import CaptionsInvalid, parse_captions, render_webvtt

MAX_CAPTIONS: Final = 64


def add_caption(
    video: Video, *, content: bytes, user: User, now: datetime, **facts: Any
) -> Caption:
    """Take a SubRip or WebVTT file; it is kept as WebVTT. Raises `Refused`."""
    check_queue(video.owner)
    try:
        captions = parse_captions(content)
    except CaptionsInvalid as error:
        detail = str(error)
        raise Refused("captions_invalid", status=HTTPStatus.BAD_REQUEST, detail=detail) from error
    with transaction.atomic():
        locked = lock_video(video.pk)
        _check_name(locked, facts["name"])
        caption = Caption.objects.create(video=locked, cues=len(captions.cues), **facts)
        open_store().put(caption_key(caption), render_webvtt(captions).encode())
        renew_asset(locked, user=user, now=now)
    return caption


def remove_caption(caption: Caption, *, user: User, now: datetime) -> None:
    """Take captions away. The file stays while an asset may be in the making that names it."""
    check_queue(caption.video.owner)
    with transaction.atomic():
        locked = lock_video(caption.video_id)
        note_leftovers([caption_key(caption)], due_at=now + KEPT_FOR)
        caption.delete()
        renew_asset(locked, user=user, now=now)


def choose_poster(video: Video, number: int | None, *, user: User, now: datetime) -> None:
    """Have another of the candidates be the poster, or the best again; raises `Refused`."""
    check_queue(video.owner)
    if number not in (None, *list_posters(video)):
        detail = "The film has no such picture to choose."
        raise Refused("no_such_poster", status=HTTPStatus.CONFLICT, detail=detail)
    with transaction.atomic():
        locked = lock_video(video.pk)
        locked.poster = None if number is None else number - 1
        locked.poster_source = "" if locked.asset is None else locked.asset.source_key
        locked.save(update_fields=["poster", "poster_source", "updated_at"])
        renew_asset(locked, user=user, now=now)


def _check_name(video: Video, name: str) -> None:
    """Players tell the captions of a film apart by their names."""
    names = set(video.captions.values_list("name", flat=True))
    if name in names:
        detail = f"The film has captions of the name {name} already."
        raise Refused("name_taken", status=HTTPStatus.CONFLICT, detail=detail)
    if len(names) >= MAX_CAPTIONS:
        detail = f"A film may have {MAX_CAPTIONS} files of captions."
        raise Refused("too_many_captions", status=HTTPStatus.CONFLICT, detail=detail)
