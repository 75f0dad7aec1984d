"""Workers killed one after the other under normal viewers."""

from pathlib import Path

import pytest

from standalone.waiting import wait_until
from tests.edge.inside import scrape
from tests.edge.processes import kill
from tests.system.audience import UNHARMED, VIEWERS
from tests.system.drilled_edge import put_film, run_drill

pytestmark = [pytest.mark.system, pytest.mark.slow]


async def test_who_tries_again_once_sees_nothing_of_workers_that_are_killed(tmp_path: Path) -> None:
    media = tmp_path / "media"
    async with run_drill(tmp_path, put_film(media), {}, media=media) as drill:

        async def is_whole() -> bool:
            metrics = await scrape(drill.edge.internal)
            return all(("connections", worker) in metrics for worker in "12")

        async with drill.watch() as audience:
            for worker in drill.edge.workers:
                kill(worker)
                await audience.notice()
                await wait_until(is_whole, what="another worker", within_s=20)
        # one request under way each, and one that met the port of the dead
        assert audience.outcomes.pop("broken", 0) <= 2 * 2 * VIEWERS
        assert audience.outcomes.keys() <= UNHARMED, audience.outcomes
