"""The answers of 500 and above that an edge may give: those that say what is away, and no other."""

from pathlib import Path
from typing import Final

from tests.edge.inside import scrape

DECLARED: Final = frozenset({"busy", "store_unavailable", "keys_unavailable"})


async def count_undeclared(internal: Path) -> float:
    """How many such answers were none of the declared, by what the edge itself counted."""
    metrics = await scrape(internal)
    errors = sum(
        value
        for (name, *labels), value in metrics.items()
        if name == "requests_total" and any(len(one) == 3 and one[0] == "5" for one in labels)
    )
    declared = sum(
        value
        for (name, *labels), value in metrics.items()
        if name == "problems_total" and DECLARED.intersection(labels)
    )
    return errors - declared
