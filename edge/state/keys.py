"""The keys that verify tokens: pulled from the control plane, kept through its absence.

Two documents say which they are: the JWK Set of this deployment, and the one beside it about the
issuers of other sites and how far each may go (`shared.issuers`). The last good copies lie on
disk, so that an edge boots with the control plane down. A failed answer, or one that is of no use,
changes nothing: what is in force stays in force.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final, NoReturn

from aiohttp import ClientSession
from yarl import URL

from edge.content.flights import Flights
from edge.state.published import DocumentAbsent, DocumentUnreachable, Published, fetch_document
from shared.issuers import (
    ISSUERS_DOCUMENT,
    Ceiling,
    Issuers,
    IssuersDocument,
    IssuersInvalid,
    join_keys,
    parse_issuers,
)
from shared.keyring import KeyInvalid, KeySet, parse_jwks

REFRESH_S: Final = 60.0
FIRST_RETRY_S: Final = 1.0
FLOOR_S: Final = 10.0

MAX_JWKS_BYTES: Final = 256 * 1024
MAX_ISSUERS_BYTES: Final = 4 * 1024 * 1024

_NO_ISSUERS: Final = IssuersDocument(issuers=()).render()
_PULL: Final = "pull"

_log = logging.getLogger(__name__)


class Keys:
    """The key set in force, by kid, and the ceilings of other sites, by `iss`.

    `version` grows when either changes, and is 0 until there are keys. `fetched_at` is when the
    JWK Set was had last, in unix seconds.
    """

    def __init__(
        self,
        jwks: Published,
        issuers: Published,
        *,
        issuer: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.current: KeySet = {}
        self.ceilings: Mapping[str, Ceiling] = {}
        self.version = 0
        self.fetched_at: float | None = None
        self._jwks = jwks
        self._issuers = issuers
        self._issuer = issuer
        self._clock = clock
        self._own: KeySet = {}
        self._others = Issuers((), ())
        self._others_document = b""
        self._attempted_at = float("-inf")
        self._flights: Flights[str, None] = Flights()

    async def load_copy(self) -> None:
        """Take what is on disk, as far as it is good."""
        try:
            copy = await self._jwks.load_copy()
            if copy is not None:
                self._accept_own(copy.document, fetched_at=copy.saved_at)
        except (OSError, KeyInvalid) as error:
            _log.warning("the copy of the keys is of no use: %s", error)
        try:
            copy = await self._issuers.load_copy()
            if copy is not None:
                self._accept_others(copy.document)
        except (OSError, IssuersInvalid) as error:
            _log.warning("the copy of the issuers is of no use: %s", error)

    async def refresh(self) -> None:
        """Pull the documents now; one pull at a time, shared by all who want it."""
        await self._flights.join(_PULL, self._pull)

    async def refresh_if_due(self) -> None:
        """Pull the documents unless that was tried in the last 10 s: strangers with made-up keys
        must not make us a burden to the control plane."""
        if _PULL in self._flights or self._clock() - self._attempted_at >= FLOOR_S:
            await self.refresh()

    async def keep_fresh(self) -> NoReturn:
        """Refresh for ever: quickly until there are keys at all, then about every minute, never
        in step with other workers."""
        while True:
            await self.refresh()
            pause = REFRESH_S if self.current else FIRST_RETRY_S
            await asyncio.sleep(pause * random.uniform(0.75, 1.25))  # noqa: S311

    async def settle(self) -> None:
        """Let a pull that is under way end, so that it leaves no half-written copy."""
        await self._flights.settle()

    async def _pull(self) -> None:
        self._attempted_at = self._clock()
        await asyncio.gather(self._pull_own(), self._pull_others())

    async def _pull_own(self) -> None:
        try:
            document = await self._jwks.fetch()
            self._accept_own(document, fetched_at=time.time())
        except (DocumentUnreachable, KeyInvalid) as error:
            _log.warning("the keys were not refreshed: %s", error)
        else:
            await _save(self._jwks, document)

    async def _pull_others(self) -> None:
        try:
            document = await self._issuers.fetch()
        except DocumentAbsent:
            document = _NO_ISSUERS  # an older control plane
        except DocumentUnreachable as error:
            _log.warning("the issuers were not refreshed: %s", error)
            return
        try:
            self._accept_others(document)
        except IssuersInvalid as error:
            _log.warning("the issuers were not refreshed: %s", error)
        else:
            await _save(self._issuers, document)

    def _accept_own(self, document: bytes, *, fetched_at: float) -> None:
        self._own = parse_jwks(document, issuer=self._issuer)
        self.fetched_at = fetched_at
        self._join()

    def _accept_others(self, document: bytes) -> None:
        if document == self._others_document:
            return
        others = parse_issuers(document, own=self._issuer)
        for fault in set(others.faults).difference(self._others.faults):
            _log.warning("passed over, %s", fault)
        self._others, self._others_document = others, document
        self._join()

    def _join(self) -> None:
        """Put in force what is known. Without keys of our own there are none: nobody else's may
        come first."""
        if not self._own:
            return
        keys = join_keys(self._own, self._others.issuers)
        ceilings = {other.issuer: other.ceiling for other in self._others.issuers}
        if _name_keys(keys) == _name_keys(self.current) and ceilings == self.ceilings:
            return
        self.current, self.ceilings = keys, ceilings
        self.version += 1
        _log.info("keys in force: %s", ", ".join(sorted(keys)))


def follow_keys(
    session: ClientSession,
    jwks_url: str,
    *,
    keys_file: Path,
    issuer: str,
    clock: Callable[[], float] = time.monotonic,
) -> Keys:
    """Keys whose documents lie at `jwks_url` and beside it, with copies at and beside a file."""
    issuers_url = str(URL(jwks_url).join(URL(ISSUERS_DOCUMENT)))
    return Keys(
        Published(partial(fetch_document, session, jwks_url, max_bytes=MAX_JWKS_BYTES), keys_file),
        Published(
            partial(fetch_document, session, issuers_url, max_bytes=MAX_ISSUERS_BYTES),
            keys_file.with_name(ISSUERS_DOCUMENT),
        ),
        issuer=issuer,
        clock=clock,
    )


async def _save(published: Published, document: bytes) -> None:
    """What cannot be saved is in force all the same."""
    try:
        await published.save_copy(document)
    except OSError as error:
        _log.warning("no copy was saved: %s", error)


def _name_keys(keys: KeySet) -> dict[str, str]:
    """A kid is its key's thumbprint, so equal names of one issuer are equal keys."""
    return {kid: key.issuer for kid, key in keys.items()}
