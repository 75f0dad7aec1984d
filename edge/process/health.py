"""Whether this process should get requests, and what it does without.

*Ready* is who has keys, reaches the store and is not about to stop. *Degraded* is who serves all
the same, without something that is wished for: it should be looked after, not taken away.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from typing import Final, TypeAlias

from pydantic import BaseModel, ConfigDict

from shared.runtime.store.interface import StoreError

SERVING: Final = "serving"
STORE_TIMEOUT_S: Final = 2.0

Fact: TypeAlias = Callable[[], bool]
"""Says whether a condition holds now."""


class Status(Enum):
    """Whether requests should come here."""

    READY = "ready"
    DEGRADED = "degraded"
    NOT_READY = "not ready"


class Report(BaseModel):
    """What `/readyz` says: what is missing, and since when that is known."""

    model_config = ConfigDict(frozen=True)

    status: Status
    missing: Mapping[str, datetime]


class Absences:
    """Since when what is missing now was found missing, time after time."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._since: dict[str, datetime] = {}

    def note(self, missing: Iterable[str]) -> dict[str, datetime]:
        now = datetime.fromtimestamp(int(self._clock()), UTC)
        self._since = {name: self._since.get(name, now) for name in missing}
        return self._since


class Readiness:
    """The conditions of one process by name: without what is `needed` it cannot serve, without
    what is `wished` it can."""

    def __init__(
        self,
        check_store: Callable[[], None],
        *,
        needed: Mapping[str, Fact],
        wished: Mapping[str, Fact],
        absences: Absences | None = None,
    ) -> None:
        self.serving = False
        self._check_store = check_store
        self._needed = needed
        self._wished = wished
        self._absences = absences or Absences()

    async def check(self) -> Report:
        lacking = [name for name, holds in self._needed.items() if not holds()]
        if not self.serving:
            lacking.append(SERVING)
        if not await self._reaches_store():
            lacking.append("store")
        without = [name for name, holds in self._wished.items() if not holds()]
        missing = self._absences.note([*lacking, *without])
        return Report(status=judge_status(lacking, without), missing=missing)

    async def _reaches_store(self) -> bool:
        """In a thread and with a deadline: a dead network disk hangs instead of failing."""
        try:
            async with asyncio.timeout(STORE_TIMEOUT_S):
                await asyncio.to_thread(self._check_store)
        except (StoreError, TimeoutError):
            return False
        return True


def judge_status(lacking: Sequence[str], without: Sequence[str]) -> Status:
    """The status of who lacks what it needs, or is without what it wishes for."""
    if lacking:
        return Status.NOT_READY
    return Status.DEGRADED if without else Status.READY
