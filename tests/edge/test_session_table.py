"""Sessions known to a process: one for all tokens of a `sid`."""

from edge.session_table import SessionTable
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


def test_sessions_that_fell_silent_are_let_go(signer: Signer) -> None:
    table = SessionTable()
    silent, seen = (table.recall(signer.claims(session_id=name)) for name in ("a", "b"))
    silent.seen_at, seen.seen_at = 9.0, 10.0
    table.drop_silent(before=10.0)
    assert list(table) == [seen]
