"""What a row of the table of permissions is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

# The video is the creator's, granted to the viewer; the other two have nothing to do with it.
CALLERS: Final = ("visitor", "viewer", "other viewer", "creator", "other creator", "admin")


@dataclass(frozen=True, slots=True)
class Row:
    """An operation, and the status that each caller gets, in the order of `CALLERS`."""

    operation: str
    statuses: tuple[int, ...]
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def row(operation: str, *statuses: int, body: Any = None, headers: Any = None) -> Row:
    """Names in braces, in paths, bodies and headers, are those of `stage.Stage`."""
    return Row(operation, statuses, body, headers or {})
