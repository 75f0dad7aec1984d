"""Problems and refusals as bodies."""

import json
from typing import Any

import pytest

from edge.gate.decisions import Refused
from edge.http.errors import BUSY, NOT_FOUND, reply_problem, reply_refusal
from edge.http.responses import Reply
from shared.events.refusals import RefusalCode


def read_body(reply: Reply) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(bytes(reply.body))
    return body


@pytest.mark.parametrize("code", list(RefusalCode))
def test_a_refusal_says_its_code_and_id(code: RefusalCode) -> None:
    reply = reply_refusal(Refused(code, "A cause."))
    body = read_body(reply)
    assert body["code"] == code
    assert body["type"] == f"urn:sluice:problem:{code}"
    assert reply.status == body["status"] == (503 if code is RefusalCode.KEYS_UNAVAILABLE else 403)
    assert reply.note["decision_id"] == body["decision_id"]
    assert reply.note["cause"] == "A cause."


def test_every_refusal_has_an_id_of_its_own() -> None:
    ids = {read_body(reply_refusal(Refused(RefusalCode.REVOKED)))["decision_id"] for _ in range(9)}
    assert len(ids) == 9


def test_a_refusal_tells_its_cause() -> None:
    reply = reply_refusal(Refused(RefusalCode.NOT_IN_SCOPE, "It opens poster only."))
    assert read_body(reply)["detail"].endswith("It opens poster only.")


def test_why_a_token_is_invalid_is_not_told() -> None:
    reply = reply_refusal(Refused(RefusalCode.TOKEN_INVALID, "signature: wrong"))
    assert "signature" not in read_body(reply)["detail"]
    assert reply.note["cause"] == "signature: wrong"


def test_a_problem_is_told_to_the_log_by_its_code() -> None:
    assert reply_problem(NOT_FOUND).note == {"code": "not_found"}
    assert read_body(reply_problem(BUSY))["code"] == "busy"
