"""A refusal as the record that the control plane keeps. Pure.

The token's side of it comes from a genuine token only. What the asker says otherwise is the path,
as far as it was parsed, the method and the origin, each cut to what a record holds.
"""

from typing import Final

from edge.access_log import Visit
from edge.gate import Address, Refused, trace_rules
from shared.events.refusals import Refusal, RuleResult

_MAX_TEXT: Final = 512


def describe_refusal(
    refused: Refused, visit: Visit, *, decision_id: str, origin: str | None, peer: Address | None
) -> Refusal:
    """The record of a refusal; `decision_id` is the one that its answer bears."""
    claims = refused.verified.claims if refused.verified else None
    return Refusal(
        decision_id=decision_id,
        at=visit.began_at,
        code=refused.code,
        cause=refused.cause[:_MAX_TEXT],
        rules=tuple(RuleResult(rule=rule, passed=ok) for rule, ok in trace_rules(refused.rule)),
        method=visit.method[:_MAX_TEXT],
        issuer=claims.issuer if claims else None,
        subject=claims.subject if claims else None,
        session_id=claims.session_id if claims else None,
        video_id=claims.video_id if claims else None,
        asset_id=visit.asset_id,
        name=visit.name,
        kind=None if visit.name is None else visit.kind,
        origin=None if origin is None else origin[:_MAX_TEXT],
        peer=None if peer is None else str(peer),
    )
