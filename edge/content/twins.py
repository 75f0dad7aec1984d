"""Compressed twins of texts: playlists (RFC 8216 section 4 and Apple's authoring specification want
them compressed), captions and storyboards. A twin is made once and lies beside its file in RAM.
"""

import gzip
from dataclasses import replace
from typing import Final

from edge.content.assets import MediaFile
from shared.paths import Kind

CODING: Final = "gzip"
MAX_TEXT_BYTES: Final = 4 * 1024 * 1024

_TEXTS: Final = ("application/vnd.apple.mpegurl", "application/json", "text/")


def may_have_twin(file: MediaFile) -> bool:
    """Whether its bytes must be read before anything can be said of it: with a twin beside it a
    file is described in other words."""
    representation = file.representation
    is_text = representation.content_type.startswith(_TEXTS) and file.wanted.kind is not Kind.KEY
    return is_text and representation.size_bytes <= MAX_TEXT_BYTES


def add_twin(file: MediaFile) -> MediaFile:
    """The file with its twin, where that is the smaller one. It takes a millisecond for every
    30 KB, so not on the loop. The twin's entity tag is its own (RFC 9110 section 8.8.3.3)."""
    if file.body is None or not may_have_twin(file):
        return file
    body = gzip.compress(file.body, mtime=0)
    if len(body) >= len(file.body):
        return file
    described = replace(file.representation, varies=True)
    etag = described.etag.removesuffix('"') + '-gz"'
    compressed = replace(described, size_bytes=len(body), etag=etag, encoding=CODING)
    twin = replace(file, body=body, representation=compressed)
    return replace(file, representation=described, twin=twin)
