"""Problem bodies (RFC 9457): the one shape of every refusal and error over HTTP."""

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

PROBLEM_TYPE: Final = "application/problem+json"

_PHRASES: Final = {460: "Checksum Mismatch"}  # a status of tus 1.0


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal or an error. `code` is for programs and stable; `detail` is for people.

    `extra` holds extension members, such as a decision id or the faults of single fields; the
    members that every problem has are not theirs to change.
    """

    status: int
    code: str
    detail: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """The members of the JSON object, absent ones left out."""
        members: dict[str, Any] = {
            "type": f"urn:sluice:problem:{self.code}",
            "title": _PHRASES.get(self.status) or HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
        }
        if self.detail:
            members["detail"] = self.detail
        return members | self.extra | members

    def render(self) -> bytes:
        return json.dumps(self.body(), separators=(",", ":")).encode()
