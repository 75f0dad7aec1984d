"""Refusals: every code has a sentence and a status, and a record is what it says."""

from typing import Any

import pytest
from pydantic import ValidationError

from shared.events import Refusal, RefusalCode, explain_refusal, refusal_status

RECORD: dict[str, Any] = {
    "decision_id": "d1",
    "code": "token_expired",
    "at": 1767225600.5,
    "detail": "expired 3 s ago",
    "method": "GET",
}


def test_every_code_is_explained_in_a_sentence_of_its_own() -> None:
    assert all(explain_refusal(code).endswith(".") for code in RefusalCode)
    assert len({explain_refusal(code) for code in RefusalCode}) == len(RefusalCode)


@pytest.mark.parametrize("code", RefusalCode)
def test_refusal_never_asks_for_a_login(code: RefusalCode) -> None:
    """401 with WWW-Authenticate makes native players open a dialog."""
    expected = 503 if code is RefusalCode.KEYS_UNAVAILABLE else 403
    assert refusal_status(code) == expected


def test_record_is_written_and_read() -> None:
    refusal = Refusal.model_validate({**RECORD, "code": RefusalCode.TOKEN_EXPIRED})
    assert Refusal.model_validate_json(refusal.model_dump_json()) == refusal


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"code": "bad_mood"}, id="unknown code"),
        pytest.param({"at": "now"}, id="time as text"),
        pytest.param({"at": float("inf")}, id="end of time"),
        pytest.param({"token": "eyJ"}, id="unknown member"),
        pytest.param({"decision_id": None}, id="no id"),
    ],
)
def test_other_record_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Refusal.model_validate({**RECORD, **changes}, strict=False)
