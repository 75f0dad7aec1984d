"""Verified claims are remembered as long as the key set, bad signatures too."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from edge.gate.decisions import Refused
from edge.state import claims as claims_module
from edge.state.claims import Verifier
from edge.state.keys import FLOOR_S, Keys
from edge.state.published import DocumentAbsent, DocumentUnreachable, Published
from shared.events.refusals import RefusalCode
from shared.issuers import Ceiling
from shared.keyring import KeySet, VerifyingKey
from shared.tokens import Claims, judge_token
from tests.edge.films import ISSUER, VIDEO_ID, Signer, make_signer

FIRST, SECOND = make_signer(), make_signer()


@dataclass
class Desk:
    """A verifier whose keys and clock are the test's; `verified` lists every real check."""

    copy: Path
    document: bytes | None = FIRST.jwks()
    now: float = 100.0
    asked: int = 0
    verified: list[str] = field(default_factory=list)
    keys: Keys = field(init=False)
    verifier: Verifier = field(init=False)

    def __post_init__(self) -> None:
        self.keys = Keys(
            Published(self.fetch, self.copy),
            Published(self.fetch_issuers, self.copy.with_name("issuers.json")),
            issuer=ISSUER,
            clock=lambda: self.now,
        )
        self.verifier = Verifier(self.keys)

    async def fetch(self) -> bytes:
        self.asked += 1
        if self.document is None:
            raise DocumentUnreachable
        return self.document

    async def fetch_issuers(self) -> bytes:
        raise DocumentAbsent

    def judge_token(self, token: str, keys: KeySet) -> tuple[Claims, VerifyingKey]:
        self.verified.append(token)
        return judge_token(token, keys)

    async def refuse(self, token: str) -> RefusalCode:
        with pytest.raises(Refused) as refused:
            await self.verifier.verify(token)
        return refused.value.code


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(tmp_path / "jwks.json")
    monkeypatch.setattr(claims_module, "judge_token", desk.judge_token)
    await desk.keys.refresh()
    return desk


def tamper(token: str) -> str:
    head, _, signature = token.rpartition(".")
    return f"{head}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"


async def test_a_token_is_verified_once(desk: Desk) -> None:
    token = FIRST.issue(subject="somebody")
    assert desk.verifier.recall(token) is None
    assert (await desk.verifier.verify(token)).claims.subject == "somebody"
    assert (await desk.verifier.verify(token)).claims.subject == "somebody"
    assert desk.verifier.recall(token) is not None
    assert desk.verified == [token]


async def test_a_bad_signature_is_checked_once(desk: Desk) -> None:
    token = tamper(FIRST.issue())
    assert await desk.refuse(token) is RefusalCode.TOKEN_INVALID
    assert await desk.refuse(token) is RefusalCode.TOKEN_INVALID
    assert desk.verified == [token]


async def test_a_token_of_a_new_key_is_good_after_one_pull(desk: Desk) -> None:
    token = SECOND.issue()
    desk.document = SECOND.jwks()
    desk.now += FLOOR_S
    assert (await desk.verifier.verify(token)).claims.subject == "viewer"
    assert desk.asked == 2


async def test_a_token_of_an_unknown_key_is_invalid(desk: Desk) -> None:
    desk.now += FLOOR_S
    assert await desk.refuse(SECOND.issue()) is RefusalCode.TOKEN_INVALID
    assert await desk.refuse(SECOND.issue()) is RefusalCode.TOKEN_INVALID
    assert desk.asked == 2


async def test_a_withdrawn_key_takes_its_verified_tokens_along(desk: Desk) -> None:
    token = FIRST.issue()
    await desk.verifier.verify(token)
    desk.document = SECOND.jwks()
    await desk.keys.refresh()
    assert desk.verifier.recall(token) is None
    assert await desk.refuse(token) is RefusalCode.TOKEN_INVALID


async def test_a_bad_token_is_judged_anew_under_new_keys(desk: Desk) -> None:
    token = tamper(FIRST.issue())
    await desk.refuse(token)
    desk.document = SECOND.jwks()
    await desk.keys.refresh()
    await desk.refuse(token)
    assert len(desk.verified) > 1


async def test_without_any_key_ever_no_token_can_be_judged(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "jwks.json", document=None)
    assert await desk.refuse(FIRST.issue()) is RefusalCode.KEYS_UNAVAILABLE
    assert await desk.refuse("rubbish") is RefusalCode.TOKEN_INVALID


@pytest.mark.parametrize("signer", [FIRST, SECOND], ids=["good", "bad"])
async def test_the_memories_are_bounded(
    desk: Desk, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims_module, "_MAX_GOOD", 2)
    monkeypatch.setattr(claims_module, "_MAX_BAD", 2)
    tokens = [FIRST.issue(subject=name) for name in "abc"]
    tokens = [tamper(token) for token in tokens] if signer is SECOND else tokens
    for token in [*tokens, tokens[2], tokens[0]]:
        try:
            await desk.verifier.verify(token)
        except Refused:
            assert signer is SECOND
    assert desk.verified == [*tokens, tokens[0]]


async def test_another_site_s_claims_are_narrowed_to_its_ceiling(desk: Desk) -> None:
    ceiling = Ceiling(videos=frozenset({VIDEO_ID}), max_life_s=7_200, max_height=480)
    desk.keys.ceilings = {ISSUER: ceiling}
    verified = await desk.verifier.verify(FIRST.issue(max_height=1080))
    assert verified.claims.max_height == 480
    assert verified.videos == frozenset({VIDEO_ID})


async def test_what_another_site_may_not_say_is_refused(desk: Desk) -> None:
    desk.keys.ceilings = {ISSUER: Ceiling(videos=frozenset(), max_life_s=7_200)}
    assert await desk.refuse(FIRST.issue()) is RefusalCode.TOKEN_INVALID
