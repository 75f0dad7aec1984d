"""What is told of sessions: who was refused, who had to go, who came back."""

from edge.gate.standing import Standing
from edge.state.lease_store import Verdict
from edge.state.session_news import describe_refused, describe_take_over
from shared.events.leases import EndReason
from tests.edge.leases import make_session


def test_a_refusal_is_told_with_the_time_of_the_verdict() -> None:
    session = make_session("s", "viewer")
    ended = describe_refused(session, Verdict(Standing.LIMIT, 12.5))
    assert (ended.session_id, ended.reason, ended.at) == ("s", EndReason.REFUSED, 12.5)
    assert (ended.expires_at, ended.lifted) == (session.expires_at, False)


def test_a_take_over_tells_who_had_to_go_and_that_the_taker_may_stay() -> None:
    session = make_session("taker", "viewer")
    verdict = Verdict(Standing.RUNNING, 12.5, displaced=(("a", 100), ("b", 200)))
    *displaced, taker = describe_take_over(session, verdict)
    assert [(one.session_id, one.expires_at, one.lifted) for one in displaced] == [
        ("a", 100, False),
        ("b", 200, False),
    ]
    assert (taker.session_id, taker.expires_at, taker.lifted) == (
        "taker",
        session.expires_at,
        True,
    )
    assert {one.reason for one in (*displaced, taker)} == {EndReason.DISPLACED}
