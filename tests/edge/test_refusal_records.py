"""What is kept of a refusal."""

from ipaddress import ip_address

from edge.access_log import Visit
from edge.gate import Refused, Verified
from edge.refusal_records import describe_refusal
from shared.events.refusals import Refusal, RefusalCode
from tests.edge.films import ASSET_ID, ISSUER, VIDEO_ID, make_signer

ID = "0123456789abcdef"
VISIT = Visit("GET", 1767225600.5, kind="video", asset_id=ASSET_ID, name="video/720/1.m4s")


def describe(refused: Refused, *, visit: Visit = VISIT, origin: str | None = None) -> Refusal:
    peer = ip_address("192.0.2.7")
    return describe_refusal(refused, visit, decision_id=ID, origin=origin, peer=peer)


def test_what_a_genuine_token_said_is_kept_with_the_rules_it_met() -> None:
    verified = Verified(make_signer().claims(), "kid")
    record = describe(
        Refused(RefusalCode.NOT_IN_SCOPE, "Too high.", rule="height", verified=verified)
    )
    assert (record.issuer, record.subject, record.session_id) == (ISSUER, "viewer", "session")
    assert (record.video_id, record.asset_id, record.name) == (VIDEO_ID, ASSET_ID, VISIT.name)
    assert (record.decision_id, record.at, record.kind) == (ID, VISIT.began_at, "video")
    assert record.peer == "192.0.2.7"
    asked = [(result.rule, result.passed) for result in record.rules]
    assert asked[0] == ("token", True)
    assert asked[-1] == ("height", False)
    assert all(passed for _, passed in asked[:-1])


def test_a_token_that_is_not_genuine_says_nothing() -> None:
    record = describe(Refused(RefusalCode.TOKEN_INVALID, "signature: wrong"))
    assert record.issuer is record.subject is record.session_id is record.video_id is None
    assert [(result.rule, result.passed) for result in record.rules] == [("token", False)]


def test_what_an_asker_may_make_long_is_cut() -> None:
    visit = Visit("M" * 5_000, 1.0)
    record = describe(
        Refused(RefusalCode.TOKEN_MISSING, "c" * 5_000), visit=visit, origin="o" * 5_000
    )
    assert {len(text or "") for text in (record.method, record.cause, record.origin)} == {512}


def test_an_order_names_no_file() -> None:
    record = describe(Refused(RefusalCode.TOKEN_MISSING), visit=Visit("POST", 1.0))
    assert record.asset_id is record.name is record.kind is None


def test_a_record_survives_its_way() -> None:
    record = describe(Refused(RefusalCode.REVOKED, "It was revoked.", rule="revocation"))
    assert Refusal.parse(record.render()) == record
