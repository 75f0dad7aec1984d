"""Who asks: tokens of many viewers, each with a session of its own, signed beforehand."""

from collections.abc import Sequence
from typing import Final

from tests.edge.films import Signer

TOKENS: Final = 1_000


def issue_tokens(signer: Signer, count: int = TOKENS, *, first: int = 0) -> Sequence[str]:
    """Tokens of viewers `first`, `first` + 1 and so on."""
    return [
        signer.issue(subject=f"viewer-{number}", session_id=f"session-{number}")
        for number in range(first, first + count)
    ]
