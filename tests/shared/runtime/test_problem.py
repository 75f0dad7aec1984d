"""Problem bodies: the members that every one has, and what may be added."""

import json

import pytest

from shared.runtime.problem import PROBLEM_TYPE, Problem


def test_problem_has_its_members() -> None:
    assert Problem(403, "token_expired", "The playback token has expired.").body() == {
        "type": "urn:sluice:problem:token_expired",
        "title": "Forbidden",
        "status": 403,
        "code": "token_expired",
        "detail": "The playback token has expired.",
    }


def test_absent_detail_is_left_out() -> None:
    assert "detail" not in Problem(404, "not_found").body()


def test_extension_members_follow() -> None:
    body = Problem(403, "revoked", extra={"decision_id": "d1"}).body()
    assert list(body) == ["type", "title", "status", "code", "decision_id"]


@pytest.mark.parametrize("name", ["type", "title", "status", "code", "detail"])
def test_extension_cannot_change_what_a_problem_says(name: str) -> None:
    problem = Problem(403, "revoked", "Ended.", extra={name: "nothing wrong"})
    assert problem.body() == Problem(403, "revoked", "Ended.").body()


def test_problem_is_rendered_as_compact_json() -> None:
    rendered = Problem(503, "keys_unavailable", "sp\u00e4ter").render()
    assert json.loads(rendered)["detail"] == "sp\u00e4ter"
    assert b": " not in rendered
    assert PROBLEM_TYPE == "application/problem+json"
