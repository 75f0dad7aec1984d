"""Leases: keys that no two viewers share, and records that refuse what they do not know."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events.leases import EndReason, Lease, SessionEnded, name_viewer_keys
from shared.events.record import RecordInvalid

NAMES = st.text(st.sampled_from("a1:,{}"), min_size=1, max_size=6)
ENDED: dict[str, Any] = {
    "issuer": "https://sluice.example",
    "session_id": "s1",
    "reason": EndReason.DISPLACED,
    "at": 1767225600.25,
    "expires_at": 1767229200,
}


@given(st.tuples(NAMES, NAMES), st.tuples(NAMES, NAMES))
def test_two_viewers_share_no_key(one: tuple[str, str], other: tuple[str, str]) -> None:
    shared = set(name_viewer_keys(*one)) & set(name_viewer_keys(*other))
    assert bool(shared) == (one == other)


@given(NAMES, NAMES)
def test_a_cluster_keeps_all_keys_of_a_viewer_together(issuer: str, subject: str) -> None:
    """What it hashes lies between the first { and the } that follows it."""
    keys = name_viewer_keys(issuer, subject)
    hashed = {key.partition("{")[2].partition("}")[0] for key in keys}
    assert len(hashed) == 1
    assert hashed != {""}


def test_an_ended_session_is_read_as_it_was_written() -> None:
    ended = SessionEnded(**ENDED)
    assert SessionEnded.parse(ended.render()) == ended


def test_a_lease_is_read_as_redis_writes_it() -> None:
    lease = Lease.parse(b'{"expires_at":1767229200,"began_at":1767225600}')
    assert (lease.began_at, lease.video_id) == (1767225600, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"began_at":1767225600}',
        '{"began_at":-1,"expires_at":1}',
        '{"began_at":1.5,"expires_at":2}',
        '{"began_at":1,"expires_at":2,"asset_id":"../x"}',
        '{"began_at":1,"expires_at":2,"other":3}',
    ],
)
def test_what_is_no_lease_is_refused(text: str) -> None:
    with pytest.raises(RecordInvalid):
        Lease.parse(text)


@pytest.mark.parametrize(
    "changed",
    [{"reason": "tired"}, {"issuer": ""}, {"at": -1.0}, {"expires_at": None}, {"lifted": 1}],
    ids=lambda changed: next(iter(changed)),
)
def test_what_is_no_news_of_a_session_is_refused(changed: dict[str, Any]) -> None:
    text = SessionEnded.model_construct(**{**ENDED, **changed}).model_dump_json(warnings=False)
    with pytest.raises(RecordInvalid):
        SessionEnded.parse(text)
