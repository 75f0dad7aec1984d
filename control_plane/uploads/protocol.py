"""The words of tus 1.0 (tus.io/protocols/resumable-upload): headers, read and written.

What a client says is turned into types here, or refused as the protocol wants it.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from uuid import UUID

from django.http import HttpResponse
from django.utils.http import http_date

from control_plane.errors import Refused
from control_plane.uploads.models import Upload

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,expiration,checksum,termination"
CHECKSUM_ALGORITHMS: Final = ("sha1", "sha256", "md5")
CONTENT_TYPE: Final = "application/offset+octet-stream"

_COUNT: Final = re.compile(r"\d{1,15}", re.ASCII)
_MAX_METADATA_LENGTH: Final = 4096
_MAX_FILE_NAME_LENGTH: Final = 255
_CHECKSUM_MISMATCH: Final = 460


@dataclass(frozen=True, slots=True)
class Creation:
    """A new upload, as its client wants it."""

    video_id: UUID
    size_bytes: int
    file_name: str


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the bytes of one request must add up to."""

    algorithm: str
    digest: bytes

    def begin(self) -> "hashlib._Hash":
        return hashlib.new(self.algorithm, usedforsecurity=False)

    def check(self, digest: bytes) -> None:
        if digest != self.digest:
            raise Refused("checksum_mismatch", status=_CHECKSUM_MISMATCH)


def add_headers(response: HttpResponse, headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        response.headers[name] = value


def describe_version(status: int) -> dict[str, str]:
    """The headers of every answer; one to an unknown version says which are known."""
    if status != HTTPStatus.PRECONDITION_FAILED:
        return {"Tus-Resumable": VERSION}
    return {"Tus-Resumable": VERSION, "Tus-Version": VERSION}


def describe_server(max_bytes: int) -> dict[str, str]:
    """The headers that answer OPTIONS."""
    return {
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(max_bytes),
        "Tus-Checksum-Algorithm": ",".join(CHECKSUM_ALGORITHMS),
    }


def describe_upload(upload: Upload, *, offset: int) -> dict[str, str]:
    """The headers that say how far an upload is."""
    described = {"Upload-Offset": str(offset), "Cache-Control": "no-store"}
    if upload.finished_at is None:
        described["Upload-Expires"] = http_date(upload.expires_at.timestamp())
    return described


def parse_creation(headers: Mapping[str, str]) -> Creation:
    """What a creation request asks for; raises `Refused`."""
    check_version(headers)
    if "Upload-Defer-Length" in headers:
        raise _invalid("Upload-Defer-Length", "The length must be known from the beginning.")
    metadata = _parse_metadata(headers.get("Upload-Metadata", ""))
    try:
        video_id = UUID(metadata.get("video_id", ""))
    except ValueError as error:
        raise _invalid("Upload-Metadata", "video_id must name a video.") from error
    return Creation(
        video_id=video_id,
        size_bytes=parse_count(headers, "Upload-Length"),
        file_name=clean_file_name(metadata.get("filename", "")),
    )


def check_version(headers: Mapping[str, str]) -> None:
    if headers.get("Tus-Resumable") != VERSION:
        raise Refused("unsupported_version", status=412, detail=f"This is tus {VERSION}.")


def parse_count(headers: Mapping[str, str], name: str) -> int:
    """A header that holds a number of bytes."""
    text = headers.get(name, "")
    if not _COUNT.fullmatch(text):
        raise _invalid(name, "A number of bytes is needed.")
    return int(text)


def announced_length(headers: Mapping[str, str]) -> int:
    """How long the request's body says it is; zero when it does not say."""
    return parse_count(headers, "Content-Length") if headers.get("Content-Length") else 0


def parse_checksum(headers: Mapping[str, str]) -> Checksum | None:
    """What `Upload-Checksum` demands, if it is there."""
    text = headers.get("Upload-Checksum")
    if text is None:
        return None
    algorithm, _, encoded = text.partition(" ")
    if algorithm not in CHECKSUM_ALGORITHMS:
        raise _invalid("Upload-Checksum", "The algorithm is not supported.")
    digest = _decode(encoded, header="Upload-Checksum")
    if len(digest) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
        raise _invalid("Upload-Checksum", "The digest is not of that algorithm.")
    return Checksum(algorithm, digest)


def clean_file_name(name: str) -> str:
    """A client's name for its file, fit to be shown and stored; never a place on a disk."""
    printable = "".join(letter for letter in name if letter.isprintable())
    return printable.replace("\\", "/").rpartition("/")[2][:_MAX_FILE_NAME_LENGTH]


def _parse_metadata(text: str) -> dict[str, str]:
    if len(text) > _MAX_METADATA_LENGTH:
        raise _invalid("Upload-Metadata", "Too long.")
    pairs = (pair.strip().partition(" ") for pair in text.split(",") if pair.strip())
    return {
        key: _decode(encoded, header="Upload-Metadata").decode(errors="replace")
        for key, _, encoded in pairs
    }


def _decode(encoded: str, *, header: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _invalid(header, "Not base64.") from error


def _invalid(header: str, detail: str) -> Refused:
    return Refused("invalid_header", status=400, detail=detail, extra={"header": header})
