"""The keys that verify tokens: pulled from the control plane, kept through its absence.

The last good document also lies on disk, so that an edge boots with the control plane down. A
failed answer, or one without a usable key, changes nothing: the keys in force stay in force.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final, NoReturn
from uuid import uuid4

import aiofiles
import aiofiles.os
from aiohttp import ClientError, ClientSession, ClientTimeout

from edge.flights import Flights
from shared.issuers import Ceiling
from shared.keyring import KeyInvalid, KeySet, parse_jwks

REFRESH_S: Final = 60.0
FIRST_RETRY_S: Final = 1.0
FLOOR_S: Final = 10.0

_MAX_DOCUMENT_BYTES: Final = 256 * 1024
_TIMEOUT: Final = ClientTimeout(total=5)
_JWKS: Final = "jwks"

_log = logging.getLogger(__name__)


class KeysUnreachable(Exception):
    """The JWKS document could not be had."""


async def fetch_jwks(session: ClientSession, url: str) -> bytes:
    """The document at `url`; raises `KeysUnreachable`. Redirects are not followed: whoever
    could send one elsewhere could name the keys."""
    try:
        async with session.get(url, allow_redirects=False, timeout=_TIMEOUT) as response:
            if response.status != 200:
                raise KeysUnreachable(f"status {response.status}")
            document = b""
            async for chunk in response.content.iter_any():
                document += chunk
                if len(document) > _MAX_DOCUMENT_BYTES:
                    raise KeysUnreachable("longer than a key set should be")
            return document
    except (ClientError, TimeoutError) as error:
        raise KeysUnreachable(f"{type(error).__name__}: {error}") from error


class Keys:
    """The key set in force. `version` grows when it changes, and is 0 until the first.

    `fetched_at` is when the document was had last, in unix seconds.
    """

    def __init__(
        self,
        fetch: Callable[[], Awaitable[bytes]],
        *,
        copy: Path,
        issuer: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.current: KeySet = {}
        self.ceilings: Mapping[str, Ceiling] = {}
        self.version = 0
        self.fetched_at: float | None = None
        self._fetch = fetch
        self._copy = copy
        self._issuer = issuer
        self._clock = clock
        self._attempted_at = float("-inf")
        self._flights: Flights[str, None] = Flights()

    async def load_copy(self) -> None:
        """Take the keys from disk, where there is a good copy."""
        try:
            async with aiofiles.open(self._copy, "rb") as file:
                document = await file.read(_MAX_DOCUMENT_BYTES)
            status = await aiofiles.os.stat(self._copy)
            self._accept(document, fetched_at=status.st_mtime)
        except FileNotFoundError:
            _log.info("no copy of the keys yet")
        except (OSError, KeyInvalid) as error:
            _log.warning("the copy of the keys is of no use: %s", error)

    async def refresh(self) -> None:
        """Pull the document now; one pull at a time, shared by all who want it."""
        await self._flights.join(_JWKS, self._pull)

    async def refresh_if_due(self) -> None:
        """Pull the document unless that was tried in the last 10 s: strangers with made-up keys
        must not make us a burden to the control plane."""
        if _JWKS in self._flights or self._clock() - self._attempted_at >= FLOOR_S:
            await self.refresh()

    async def keep_fresh(self) -> NoReturn:
        """Refresh for ever: quickly until there are keys at all, then every minute."""
        while True:
            await self.refresh()
            await asyncio.sleep(REFRESH_S if self.current else FIRST_RETRY_S)

    async def settle(self) -> None:
        """Let a pull that is under way end, so that it leaves no half-written copy."""
        await self._flights.settle()

    async def _pull(self) -> None:
        self._attempted_at = self._clock()
        try:
            document = await self._fetch()
            self._accept(document, fetched_at=time.time())
            await self._save(document)
        except (KeysUnreachable, KeyInvalid, OSError) as error:
            _log.warning("the keys were not refreshed: %s", error)

    def _accept(self, document: bytes, *, fetched_at: float) -> None:
        keys = parse_jwks(document, issuer=self._issuer)
        self.fetched_at = fetched_at
        # a kid is its key's thumbprint, so equal names are equal keys
        if keys.keys() != self.current.keys():
            self.current = keys
            self.version += 1
            _log.info("keys in force: %s", ", ".join(sorted(keys)))

    async def _save(self, document: bytes) -> None:
        """Other workers, in other containers too, may write the same file, so each writes beside
        it and moves."""
        beside = self._copy.with_name(f"{self._copy.name}.{uuid4().hex}")
        async with aiofiles.open(beside, "wb") as file:
            await file.write(document)
        await aiofiles.os.replace(beside, self._copy)
