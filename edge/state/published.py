"""Documents that the control plane publishes, each with its last good copy on disk.

What answers there may be ill or somebody else: an answer is bounded in size and time, and comes
from the very URL that was asked.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

from aiohttp import ClientError, ClientSession, ClientTimeout

TIMEOUT_S: Final = 5.0

_TIMEOUT: Final = ClientTimeout(total=TIMEOUT_S)


class DocumentUnreachable(Exception):
    """The document could not be had."""


class DocumentAbsent(DocumentUnreachable):
    """The server has no such document."""


async def fetch_document(session: ClientSession, url: str, *, max_bytes: int) -> bytes:
    """The document at `url`; raises `DocumentUnreachable`. Redirects are not followed: whoever
    could send one elsewhere could say what is in it."""
    try:
        async with session.get(url, allow_redirects=False, timeout=_TIMEOUT) as response:
            if response.status in (404, 410):
                raise DocumentAbsent(f"status {response.status}")
            if response.status != 200:
                raise DocumentUnreachable(f"status {response.status}")
            document = bytearray()
            async for chunk in response.content.iter_any():
                document += chunk
                if len(document) > max_bytes:
                    raise DocumentUnreachable(f"longer than {max_bytes} bytes")
            return bytes(document)
    except (ClientError, TimeoutError) as error:
        raise DocumentUnreachable(f"{type(error).__name__}: {error}") from error


@dataclass(frozen=True, slots=True)
class SavedCopy:
    """A copy from disk; `saved_at` is in unix seconds."""

    document: bytes
    saved_at: float


@dataclass(frozen=True, slots=True)
class Published:
    """Where a document comes from, and where its last good copy lies."""

    fetch: Callable[[], Awaitable[bytes]]
    copy: Path

    async def load_copy(self) -> SavedCopy | None:
        """The copy, if there is one; raises `OSError`."""
        return await asyncio.to_thread(_read, self.copy)

    async def save_copy(self, document: bytes) -> None:
        """Raises `OSError`."""
        await asyncio.to_thread(_replace, self.copy, document)


def _read(path: Path) -> SavedCopy | None:
    with suppress(FileNotFoundError), path.open("rb") as file:
        return SavedCopy(file.read(), os.fstat(file.fileno()).st_mtime)
    return None


def _replace(path: Path, document: bytes) -> None:
    """Other workers, in other containers too, may write the same file, so each writes beside it
    and moves; what cannot be finished leaves nothing behind."""
    beside = path.with_name(f"{path.name}.{uuid4().hex}")
    try:
        with beside.open("xb") as file:
            file.write(document)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
