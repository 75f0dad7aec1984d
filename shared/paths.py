"""Where everything lies: places in the media store, and the URLs that name them.

Store keys are relative, `/`-separated and ASCII:

    originals/<video>/<upload>      a source, as it was uploaded
    work/<job>/<chunk>.<attempt>    a worker's claim; created once, or not at all
    work/<job>/cancelled            its presence tells every worker to stop
    work/<job>/plan.json            what is to be made; created once
    work/<job>/<chunk>/<attempt>/<name>
                                    a file that was encoded, named as in the asset
    work/<job>/<chunk>/chunk.json   what the chunk is made of, once it is finished; created once
    assets/<asset>/<name>           a published file
    assets/<asset>/film.json        what the film consists of, for a later asset; nobody's to fetch
    assets/<asset>/asset.json       written last: the asset exists when it exists
    assets/<asset>/report.json      what the publish gate found; for the admin, never for clients
    videos/<video>.json             which asset a video plays at present

Identifiers are UUIDs in their 36-character lower-case form. The first part of a file's name
says its kind, and so which tokens open it; `main.m3u8`, alone at the top, is of kind video.

URLs on the edge, `<name>` relative so that playlists are the same bytes for everyone:

    /v1/<token>/<asset>/<name>      the path form
    /v1/a/<asset>/<name>            token in the query, a cookie or the Authorization header
    /v1/<token>/v/<video>/main.m3u8 redirects to the video's present asset

>>> asset_key("0198c0de-0000-7000-8000-000000000001", "video/720/1.m4s")
'assets/0198c0de-0000-7000-8000-000000000001/video/720/1.m4s'
>>> kind_of("audio/stereo/1.m4s")
<Kind.VIDEO: 'video'>
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MAIN_PLAYLIST: Final = "main.m3u8"
SOUND_PLAYLIST: Final = "audio/main.m3u8"
ASSET_DOCUMENT: Final = "asset.json"
FILM_DOCUMENT: Final = "film.json"
REPORT_DOCUMENT: Final = "report.json"
POSTER: Final = "poster/poster.jpg"
POSTER_CANDIDATE: Final = "poster/{number}.jpg"
CHAPTERS: Final = "text/chapters.json"
STORYBOARD_SHEET: Final = "storyboard/sheet_{number}.jpg"
STORYBOARD_VTT: Final = "storyboard/storyboard.vtt"
STORYBOARD_JSON: Final = "storyboard/storyboard.json"

MAX_NAME_LENGTH: Final = 200

_TOKENLESS: Final = "a"
_ID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_PART = r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}"
_HOLDER = r"[A-Za-z0-9_-][A-Za-z0-9._-]*"
_FOLDERS = "video|audio|poster|storyboard|text|key|download"
_NAME = rf"main\.m3u8|(?:{_FOLDERS})(?:/{_PART}){{1,3}}"

_ID_PATTERN: Final = re.compile(_ID, re.ASCII)
_NAME_PATTERN: Final = re.compile(_NAME, re.ASCII)
_KEY_PATTERN: Final = re.compile(rf"{_PART}(?:/{_PART}){{0,7}}", re.ASCII)
_HOLDER_PATTERN: Final = re.compile(_HOLDER, re.ASCII)
_URL_PATTERN: Final = re.compile(
    rf"/v1/(?P<holder>{_HOLDER})/"
    rf"(?:v/(?P<video>{_ID})/main\.m3u8|(?P<asset>{_ID})/(?P<name>{_NAME}))",
    re.ASCII,
)


class PathInvalid(ValueError):
    """A text that is no identifier, file name, store key or path of ours."""


class Kind(StrEnum):
    """What a file of an asset is, in the words of a token's `kinds` claim."""

    VIDEO = "video"
    POSTER = "poster"
    STORYBOARD = "storyboard"
    TEXT = "text"
    KEY = "key"
    DOWNLOAD = "download"


def kind_of(name: str) -> Kind:
    """The kind of an asset's file; audio renditions and `main.m3u8` are of kind video."""
    folder = check_name(name).partition("/")[0]
    return Kind.VIDEO if folder in (MAIN_PLAYLIST, "audio") else Kind(folder)


def check_id(text: str) -> str:
    """Return `text` when it is a UUID in canonical form; raise `PathInvalid` otherwise."""
    if not _ID_PATTERN.fullmatch(text):
        raise PathInvalid(f"not a lower-case UUID: {text[:64]!r}")
    return text


def check_name(name: str) -> str:
    """Return `name` when it may name a file of an asset; raise `PathInvalid` otherwise."""
    if len(name) > MAX_NAME_LENGTH or not _NAME_PATTERN.fullmatch(name):
        raise PathInvalid(f"not a file name of an asset: {name[:64]!r}")
    return name


def check_key(key: str) -> str:
    """Return `key` when it may name an object in the store; raise `PathInvalid` otherwise."""
    if len(key) > 2 * MAX_NAME_LENGTH or not _KEY_PATTERN.fullmatch(key):
        raise PathInvalid(f"not a store key: {key[:64]!r}")
    return key


def original_key(video_id: str, upload_id: str) -> str:
    return f"originals/{check_id(video_id)}/{check_id(upload_id)}"


def originals_prefix(video_id: str) -> str:
    return f"originals/{check_id(video_id)}/"


def claim_key(job_id: str, chunk: int, attempt: int) -> str:
    """The claim that lets exactly one delivery of one attempt at a chunk begin."""
    if chunk < 0 or attempt < 1:
        raise PathInvalid(f"no attempt {attempt} at chunk {chunk}")
    return f"work/{check_id(job_id)}/{chunk}.{attempt}"


def cancelled_key(job_id: str) -> str:
    return f"work/{check_id(job_id)}/cancelled"


def plan_key(job_id: str) -> str:
    return f"{work_prefix(job_id)}plan.json"


def chunk_record_key(job_id: str, chunk: int) -> str:
    """The record of a finished chunk, whoever finished it."""
    return f"{_chunk_prefix(job_id, chunk)}chunk.json"


def chunk_attempt_prefix(job_id: str, chunk: int, attempt: int) -> str:
    """What one attempt at a chunk writes."""
    if attempt < 1:
        raise PathInvalid(f"no attempt {attempt}")
    return f"{_chunk_prefix(job_id, chunk)}{attempt}/"


def chunk_file_key(job_id: str, chunk: int, attempt: int, name: str) -> str:
    return chunk_attempt_prefix(job_id, chunk, attempt) + check_name(name)


def _chunk_prefix(job_id: str, chunk: int) -> str:
    if chunk < 1:
        raise PathInvalid(f"nothing is encoded for chunk {chunk}")
    return f"{work_prefix(job_id)}{chunk}/"


def work_prefix(job_id: str) -> str:
    return f"work/{check_id(job_id)}/"


def asset_prefix(asset_id: str) -> str:
    return f"assets/{check_id(asset_id)}/"


def asset_key(asset_id: str, name: str) -> str:
    return asset_prefix(asset_id) + check_name(name)


def asset_document_key(asset_id: str) -> str:
    return asset_prefix(asset_id) + ASSET_DOCUMENT


def film_document_key(asset_id: str) -> str:
    return asset_prefix(asset_id) + FILM_DOCUMENT


def asset_report_key(asset_id: str) -> str:
    return asset_prefix(asset_id) + REPORT_DOCUMENT


def video_pointer_key(video_id: str) -> str:
    return f"videos/{check_id(video_id)}.json"


@dataclass(frozen=True, slots=True)
class MediaUrl:
    """A parsed media path. `token` is None for the `/v1/a/` form; exactly one of
    `asset_id` and `video_id` is set."""

    token: str | None
    asset_id: str | None
    video_id: str | None
    name: str


def parse_media_path(raw_path: str) -> MediaUrl | None:
    """Parse a request's path, undecoded and without its query; None when it is not ours.

    Nothing is unescaped: a path with a percent sign, an empty or a dotted part is not ours. The
    token's part is any text in the letters of a token, since it is judged by its signature.
    """
    match = _URL_PATTERN.fullmatch(raw_path)
    if match is None:
        return None
    holder, video_id, asset_id, name = match.group("holder", "video", "asset", "name")
    if name is not None and len(name) > MAX_NAME_LENGTH:
        return None
    token = None if holder == _TOKENLESS else holder
    return MediaUrl(token, asset_id, video_id, name or MAIN_PLAYLIST)


def media_path(token: str, asset_id: str, name: str = MAIN_PLAYLIST) -> str:
    """The path form of a URL on the edge."""
    if token == _TOKENLESS or not _HOLDER_PATTERN.fullmatch(token):
        raise PathInvalid("not in the letters of a token")
    return f"/v1/{token}/{check_id(asset_id)}/{check_name(name)}"


def asset_folder(asset_id: str) -> str:
    """What the tokenless paths of an asset begin with: the scope of its cookie."""
    return f"/v1/{_TOKENLESS}/{check_id(asset_id)}/"


def video_folder(video_id: str) -> str:
    """The same of a video, whose only path redirects to its present asset."""
    return f"/v1/{_TOKENLESS}/v/{check_id(video_id)}/"


def tokenless_path(asset_id: str, name: str = MAIN_PLAYLIST) -> str:
    """The form whose token travels in the query, a cookie or the Authorization header."""
    return f"{asset_folder(asset_id)}{check_name(name)}"
