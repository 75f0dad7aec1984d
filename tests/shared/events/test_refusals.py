"""Refusals: every code has a sentence and a status, and what a record of one may hold."""

import json
from typing import Any, Final

import pytest

from shared.events.record import RecordInvalid
from shared.events.refusals import (
    Refusal,
    RefusalCode,
    RuleResult,
    explain_refusal,
    refusal_status,
)


def test_every_code_is_explained_in_a_sentence_of_its_own() -> None:
    assert all(explain_refusal(code).endswith(".") for code in RefusalCode)
    assert len({explain_refusal(code) for code in RefusalCode}) == len(RefusalCode)


@pytest.mark.parametrize("code", RefusalCode)
def test_refusal_never_asks_for_a_login(code: RefusalCode) -> None:
    """401 with WWW-Authenticate makes native players open a dialog."""
    expected = 503 if code is RefusalCode.KEYS_UNAVAILABLE else 403
    assert refusal_status(code) == expected


FACTS: Final[dict[str, Any]] = {
    "decision_id": "0123456789abcdef",
    "at": 1767225600.5,
    "code": "token_expired",
    "cause": "It expired 3 s ago.",
    "method": "GET",
}


def test_a_refusal_comes_back_as_it_was_sent() -> None:
    refusal = Refusal(
        decision_id="0123456789abcdef",
        at=1767225600.5,
        code=RefusalCode.NOT_IN_SCOPE,
        cause="It is for another film.",
        rules=(RuleResult(rule="clock", passed=True), RuleResult(rule="scope", passed=False)),
        weight=3,
        method="GET",
        subject="a viewer",
    )
    assert Refusal.parse(refusal.render()) == refusal


def test_what_no_token_said_is_left_out() -> None:
    assert set(json.loads(Refusal.parse(json.dumps(FACTS)).render())) == {
        *FACTS,
        "rules",
        "weight",
    }


@pytest.mark.parametrize(
    "change",
    [
        {"decision_id": "0123"},
        {"decision_id": "0123456789ABCDEF"},
        {"at": -1},
        {"code": "unlucky"},
        {"cause": "x" * 513},
        {"weight": 0},
        {"rules": [{"rule": "A rule", "passed": True}]},
        {"rules": [{"rule": "clock", "passed": 1}]},
        {"rules": [{"rule": "clock"}]},
        {"token": "one"},
    ],
    ids=str,
)
def test_a_field_that_is_wrong_refuses_the_record(change: dict[str, Any]) -> None:
    Refusal.parse(json.dumps(FACTS))
    with pytest.raises(RecordInvalid):
        Refusal.parse(json.dumps({**FACTS, **change}))
