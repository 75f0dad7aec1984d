"""The answers of 500 and above that an edge may give: those that say what is away, and no other."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

DECLARED: Final = frozenset({"busy", "store_unavailable", "keys_unavailable"})


def count_statuses(metrics: Mapping[tuple[str, ...], float]) -> dict[str, int]:
    """Answers by status; labels are in the order of their names: kind, status, worker."""
    counts: Counter[str] = Counter()
    for (name, *labels), value in metrics.items():
        if name == "requests_total":
            counts[labels[1]] += round(value)
    return dict(sorted(counts.items()))


def count_undeclared(metrics: Mapping[tuple[str, ...], float]) -> int:
    """How many of them were none of the declared, by what the edge itself counted."""
    failed = sum(n for status, n in count_statuses(metrics).items() if status.startswith("5"))
    declared = sum(
        value
        for (name, *labels), value in metrics.items()
        if name == "problems_total" and DECLARED.intersection(labels)
    )
    return failed - round(declared)
