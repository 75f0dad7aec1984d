"""Refusals: every code has a sentence and a status."""

import pytest

from shared.events.refusals import RefusalCode, explain_refusal, refusal_status


def test_every_code_is_explained_in_a_sentence_of_its_own() -> None:
    assert all(explain_refusal(code).endswith(".") for code in RefusalCode)
    assert len({explain_refusal(code) for code in RefusalCode}) == len(RefusalCode)


@pytest.mark.parametrize("code", RefusalCode)
def test_refusal_never_asks_for_a_login(code: RefusalCode) -> None:
    """401 with WWW-Authenticate makes native players open a dialog."""
    expected = 503 if code is RefusalCode.KEYS_UNAVAILABLE else 403
    assert refusal_status(code) == expected
