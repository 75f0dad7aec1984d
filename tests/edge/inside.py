"""Asking an edge what players may not ask."""

from pathlib import Path

from aiohttp import ClientSession, UnixConnector
from prometheus_client.parser import text_string_to_metric_families


async def ask(socket: Path, path: str) -> tuple[int, str]:
    """Status and text of an answer of the internal listener."""
    async with (
        ClientSession(connector=UnixConnector(str(socket))) as client,
        client.get(f"http://edge{path}") as answer,
    ):
        return answer.status, await answer.text()


async def scrape(socket: Path) -> dict[tuple[str, ...], float]:
    """Every sample by its name and the values of its labels in the order of their names."""
    _, text = await ask(socket, "/metrics")
    return {
        (
            sample.name.removeprefix("sluice_edge_"),
            *(value for _, value in sorted(sample.labels.items())),
        ): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
