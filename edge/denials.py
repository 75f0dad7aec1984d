"""What is revoked, as the gate looks it up on every request. Pure; filled by `edge.revocations`."""

from dataclasses import dataclass, field
from typing import TypeAlias

SessionKey: TypeAlias = tuple[str, str]
"""An issuer and a `sid`."""

ViewerKey: TypeAlias = tuple[str, str]
"""An issuer and a `sub`."""


@dataclass(slots=True)
class Denials:
    """Deny-sets. Of a viewer, tokens issued before the time kept are denied."""

    sessions: set[SessionKey] = field(default_factory=set)
    viewers: dict[ViewerKey, int] = field(default_factory=dict)
    videos: set[str] = field(default_factory=set)
    assets: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)
