"""Everything that is not media, as problem bodies (RFC 9457) a player's page can read."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from edge.gate.decisions import Refused
from edge.http.responses import NEVER_STORED, Reply, render_head
from shared.events.refusals import RefusalCode, explain_refusal, refusal_status
from shared.runtime.problem import PROBLEM_TYPE, Problem

RETRY_AFTER_S: Final = 2

BAD_REQUEST: Final = Problem(400, "bad_request", "This is not an HTTP/1.1 request.")
NOT_FOUND: Final = Problem(404, "not_found", "There is nothing at this address.")
METHOD_NOT_ALLOWED: Final = Problem(405, "method_not_allowed", "Allow names those that are.")
PRECONDITION_FAILED: Final = Problem(412, "precondition_failed", "The file is another one.")
CONTENT_TOO_LARGE: Final = Problem(413, "content_too_large", "Nothing is read from a body here.")
RANGE_NOT_SATISFIABLE: Final = Problem(416, "range_not_satisfiable", "The file ends before it.")
TOO_MANY_REQUESTS: Final = Problem(429, "too_many_requests", "Too many at once; wait for some.")
TOO_MANY_REFUSALS: Final = Problem(429, "too_many_refusals", "Too many refusals; ask less often.")
INTERNAL: Final = Problem(500, "internal", "Something is wrong with this server.")
METHOD_UNKNOWN: Final = Problem(501, "method_unknown", "Allow names those that are known.")
BUSY: Final = Problem(503, "busy", "Too many files are being read at once; try again.")
STORE_UNAVAILABLE: Final = Problem(503, "store_unavailable", "The file cannot be read at present.")
VERSION_UNSUPPORTED: Final = Problem(505, "version_unsupported", "This speaks HTTP/1.1.")

_NO_FIELDS: Final[Mapping[str, str]] = {}


class Failed(Exception):
    """A request that cannot be answered, for a reason other than its token."""

    def __init__(self, problem: Problem, fields: Mapping[str, str] = _NO_FIELDS) -> None:
        super().__init__(problem.code)
        self.problem = problem
        self.fields = fields


def reply_problem(
    problem: Problem,
    *,
    fields: Mapping[str, str] = _NO_FIELDS,
    note: Mapping[str, str] = _NO_FIELDS,
    keep_alive: bool = True,
) -> Reply:
    """A problem as an answer; whoever is told to come back is told when."""
    body = problem.render()
    head = render_head(
        problem.status,
        {
            "Content-Type": PROBLEM_TYPE,
            "Content-Length": str(len(body)),
            "Cache-Control": NEVER_STORED,
            **({"Retry-After": str(RETRY_AFTER_S)} if problem.status in (429, 503) else {}),
            **fields,
        },
    )
    note = {"code": problem.code, **note}
    return Reply(problem.status, head, body=body, note=note, keep_alive=keep_alive)


def reply_refusal(refused: Refused) -> Reply:
    """A refusal under an id of its own. Why a token is invalid is for the log only."""
    decision_id = secrets.token_hex(8)
    hidden = refused.code is RefusalCode.TOKEN_INVALID
    detail = " ".join(
        filter(None, [explain_refusal(refused.code), "" if hidden else refused.cause])
    )
    members: dict[str, Any] = {"decision_id": decision_id}
    if refused.holders:
        members["holders"] = [asdict(holder) for holder in refused.holders]
    problem = Problem(refusal_status(refused.code), refused.code.value, detail, members)
    return reply_problem(
        problem,
        fields={"X-Decision-Id": decision_id},
        note={"decision_id": decision_id, "cause": refused.cause},
    )
