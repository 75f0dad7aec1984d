"""Sessions known to a process: one for all tokens of a `sid`."""

import pytest

from edge.gate.standing import Standing
from edge.state.session_table import SessionTable
from tests.edge.films import Signer


def test_tokens_of_one_session_share_it(signer: Signer) -> None:
    table = SessionTable()
    first = table.recall(signer.claims(session_id="s", max_height=360))
    assert table.recall(signer.claims(session_id="s", max_height=720)) is first
    assert table.find((first.issuer, "s")) is first


def test_equal_sids_of_two_issuers_are_two_sessions(signer: Signer) -> None:
    table = SessionTable()
    ours = table.recall(signer.claims(session_id="s"))
    theirs = table.recall(signer.claims(session_id="s", issuer="https://other.example"))
    assert ours is not theirs
    assert len(table) == 2


def test_a_later_token_prolongs_its_session(signer: Signer) -> None:
    table = SessionTable()
    claims = signer.claims(session_id="s")
    session = table.recall(claims)
    later = claims.model_copy(update={"expires_at": claims.expires_at + 60})
    table.recall(later)
    table.recall(claims)
    assert session.expires_at == later.expires_at


def test_sessions_that_fell_silent_are_let_go(signer: Signer) -> None:
    table = SessionTable()
    silent, seen = (table.recall(signer.claims(session_id=name)) for name in ("a", "b"))
    silent.seen_at, seen.seen_at = 9.0, 10.0
    table.drop(silent_since=10.0, now=100.0)
    assert list(table) == [seen]


def test_the_table_does_not_outgrow_its_bound(signer: Signer) -> None:
    table = SessionTable(bound=2)
    _, *late = (table.recall(signer.claims(session_id=name)) for name in ("a", "b", "c"))
    assert list(table) == late


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_a_displaced_session_is_remembered_until_it_is_readmitted(
    signer: Signer, known: bool
) -> None:
    table, claims = SessionTable(), signer.claims(session_id="s")
    key = (claims.issuer, "s")
    if known:
        table.recall(claims).standing = Standing.RUNNING
    table.displace(key, at=10, until=200)
    assert table.recall(claims).standing is Standing.DISPLACED
    table.drop(silent_since=199, now=199)
    assert table.recall(claims).standing is Standing.DISPLACED
    table.readmit(key, at=11, until=200)
    assert not table.is_displaced(key, after=0)
    assert table.recall(claims).standing is Standing.UNKNOWN


def test_of_what_is_said_of_a_session_the_latest_is_true(signer: Signer) -> None:
    table, claims = SessionTable(), signer.claims(session_id="s")
    key, session = (claims.issuer, "s"), table.recall(claims)
    table.readmit(key, at=11, until=200)
    table.displace(key, at=10, until=200)
    assert not table.is_displaced(key, after=0)
    table.displace(key, at=12, until=200)
    table.readmit(key, at=11, until=200)
    assert session.standing is Standing.DISPLACED
    assert table.is_displaced(key, after=11)
    assert not table.is_displaced(key, after=12)


def test_a_displaced_session_is_forgotten_when_its_token_has_ended(signer: Signer) -> None:
    table, claims = SessionTable(), signer.claims(session_id="s")
    key = (claims.issuer, "s")
    table.displace(key, at=10, until=200)
    table.drop(silent_since=0, now=200)
    assert not table.is_displaced(key, after=0)


def test_readmitting_touches_nobody_who_was_not_displaced(signer: Signer) -> None:
    table, claims = SessionTable(), signer.claims(session_id="s")
    session = table.recall(claims)
    session.standing = Standing.RUNNING
    table.readmit((claims.issuer, "s"), at=10, until=200)
    assert session.standing is Standing.RUNNING
