"""Refusals as edges report them, and as they are kept."""

import secrets
from datetime import datetime
from typing import Any

from control_plane.refusals.models import Refusal
from shared.events import refusals as events
from shared.events.refusals import RefusalCode, RuleResult


def make_record(**facts: Any) -> events.Refusal:
    """A refusal of an expired token, with a decision id of its own."""
    return events.Refusal(
        **{
            "decision_id": secrets.token_hex(8),
            "at": 1767225600.5,
            "code": RefusalCode.TOKEN_EXPIRED,
            "cause": "It expired 3 s ago.",
            "rules": (
                RuleResult(rule="token", passed=True),
                RuleResult(rule="clock", passed=False),
            ),
            "method": "GET",
            "video_id": "0198c0de-0000-7000-8000-00000000f001",
            "subject": "a viewer",
            **facts,
        }
    )


def keep_refusal(*, at: str = "2026-01-01T00:00:00Z", **facts: Any) -> Refusal:
    """A row, as if it had come over the stream."""
    told = make_record(**facts).model_dump(mode="json", exclude_none=True)
    return Refusal.objects.create(**{**told, "at": datetime.fromisoformat(at)})
