"""The internal listener: whether this process should get requests, and what it counted."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from edge.keys import Keys
from edge.metrics import EdgeCollector, render_metrics
from shared.runtime.store.interface import StoreError

STORE_TIMEOUT_S: Final = 2.0


@dataclass(slots=True)
class Readiness:
    """Ready is who has keys, reaches the store and is not about to stop."""

    keys: Keys
    check_store: Callable[[], None]
    draining: bool = False

    async def check(self) -> dict[str, bool]:
        """The conditions by name."""
        return {
            "serving": not self.draining,
            "keys": bool(self.keys.current),
            "store": await self._reaches_store(),
        }

    async def _reaches_store(self) -> bool:
        """In a thread and with a deadline: a dead network disk hangs instead of failing."""
        try:
            async with asyncio.timeout(STORE_TIMEOUT_S):
                await asyncio.to_thread(self.check_store)
        except (StoreError, TimeoutError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Internal:
    """Answers on the internal listener."""

    readiness: Readiness
    collector: EdgeCollector

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/readyz":
            return await self._answer_readiness()
        if request.path == "/metrics":
            text = render_metrics(self.collector)
            return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})
        return web.Response(status=404, text="/readyz and /metrics are here.\n")

    async def _answer_readiness(self) -> web.StreamResponse:
        checks = await self.readiness.check()
        ready = all(checks.values())
        text = json.dumps({"ready": ready, **checks})
        return web.Response(
            status=200 if ready else 503, text=text, content_type="application/json"
        )
