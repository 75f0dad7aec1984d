"""Pulling keys from a control plane that is well, ill or gone."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from edge.state.claims import Verifier
from edge.state.keys import FLOOR_S, Keys, follow_keys
from edge.state.published import DocumentUnreachable, Published
from shared.issuers import Ceiling
from shared.keyring import KeyLife, Stage, public_jwk, render_jwks, rotate
from tests.edge.edges import NOWHERE, KeyServer, serve_keys
from tests.edge.films import ISSUER, VIDEO_ID, Signer, make_signer

FIRST, SECOND = make_signer(), make_signer()
ABROAD = make_signer("https://members.example")
CEILING = {"videos": [VIDEO_ID], "max_life_s": 7200}


def describe(signer: Signer, **ceiling: Any) -> dict[str, Any]:
    """An issuer's entry in the document."""
    issuer, jwks = signer.key.issuer, json.loads(signer.jwks())
    return {"issuer": issuer, "jwks": jwks, "ceiling": {**CEILING, **ceiling}}


def render_issuers(*entries: Any) -> bytes:
    return json.dumps({"issuers": entries}).encode()


@dataclass
class Pull:
    """Keys under a clock of the test's own, and the server they come from."""

    server: KeyServer
    session: ClientSession
    copy: Path
    now: float = 100.0

    def make_keys(self, *, copy: Path | None = None, url: str | None = None) -> Keys:
        return follow_keys(
            self.session,
            url or self.server.url,
            keys_file=copy or self.copy,
            issuer=ISSUER,
            clock=lambda: self.now,
        )


@pytest.fixture
async def pull(tmp_path: Path) -> AsyncIterator[Pull]:
    async with serve_keys(FIRST.jwks()) as server, ClientSession() as session:
        yield Pull(server, session, tmp_path / "jwks.json")


@pytest.fixture
async def abroad(pull: Pull) -> Pull:
    """The same beside a document that trusts one other site."""
    pull.server.issuers = render_issuers(describe(ABROAD))
    return pull


async def test_keys_are_pulled_and_copied_to_disk(pull: Pull) -> None:
    keys = pull.make_keys()
    assert (keys.current, keys.version, keys.fetched_at) == ({}, 0, None)
    await keys.refresh()
    assert keys.current[FIRST.key.kid].issuer == ISSUER
    assert keys.version == 1
    assert keys.fetched_at is not None
    assert pull.copy.read_bytes() == FIRST.jwks()
    assert {path.name for path in pull.copy.parent.iterdir()} == {"jwks.json", "issuers.json"}


async def test_an_unchanged_document_is_no_new_version(pull: Pull) -> None:
    keys = pull.make_keys()
    await keys.refresh()
    await keys.refresh()
    assert (keys.version, pull.server.asked) == (1, 2)


async def test_a_rotated_key_is_a_new_version(pull: Pull) -> None:
    keys = pull.make_keys()
    await keys.refresh()
    jwks = [public_jwk(signer.key.private.public_key()) for signer in (FIRST, SECOND)]
    pull.server.document = render_jwks(jwks)
    await keys.refresh()
    assert keys.version == 2
    assert keys.current.keys() == {FIRST.key.kid, SECOND.key.kid}


@pytest.mark.parametrize(
    ("status", "document", "headers"),
    [
        pytest.param(500, b"", {}, id="an error"),
        pytest.param(404, SECOND.jwks(), {}, id="an error with keys"),
        pytest.param(302, SECOND.jwks(), {"Location": "/keys"}, id="a redirect"),
        pytest.param(200, b"", {}, id="nothing"),
        pytest.param(200, b"<html>", {}, id="a web page"),
        pytest.param(200, b'{"keys":[]}', {}, id="no key"),
        pytest.param(200, b" " * 300_000 + SECOND.jwks(), {}, id="an endless document"),
    ],
)
async def test_a_bad_answer_leaves_the_keys_in_force(
    pull: Pull, status: int, document: bytes, headers: dict[str, str]
) -> None:
    keys = pull.make_keys()
    await keys.refresh()
    pull.server.status, pull.server.document, pull.server.headers = status, document, headers
    await keys.refresh()
    assert pull.server.asked == 2
    assert keys.current.keys() == {FIRST.key.kid}
    assert keys.version == 1
    assert pull.copy.read_bytes() == FIRST.jwks()


async def test_those_who_want_keys_at_once_share_one_pull(pull: Pull) -> None:
    keys = pull.make_keys()
    await asyncio.gather(*(keys.refresh_if_due() for _ in range(20)))
    assert pull.server.asked == 1


async def test_strangers_cannot_make_the_edge_ask_more_than_every_ten_seconds(pull: Pull) -> None:
    keys = pull.make_keys()
    await keys.refresh()
    pull.now += FLOOR_S - 0.1
    await keys.refresh_if_due()
    assert pull.server.asked == 1
    pull.now += 0.1
    await keys.refresh_if_due()
    assert pull.server.asked == 2


async def test_a_failed_pull_counts_for_the_floor_too(pull: Pull) -> None:
    pull.server.status = 500
    keys = pull.make_keys()
    await keys.refresh_if_due()
    await keys.refresh_if_due()
    assert pull.server.asked == 1


async def test_the_copy_serves_while_the_control_plane_is_down(pull: Pull) -> None:
    await pull.make_keys().refresh()
    keys = pull.make_keys(url=NOWHERE)
    await keys.load_copy()
    await keys.refresh()
    assert keys.current.keys() == {FIRST.key.kid}
    assert keys.fetched_at == pytest.approx(pull.copy.stat().st_mtime)


@pytest.mark.parametrize(
    "content", [None, b"", b"{}", b"\xff"], ids=["none", "empty", "{}", "bytes"]
)
async def test_without_a_good_copy_there_are_no_keys(pull: Pull, content: bytes | None) -> None:
    if content is not None:
        pull.copy.write_bytes(content)
    keys = pull.make_keys()
    await keys.load_copy()
    assert (keys.current, keys.version) == ({}, 0)


async def test_keys_that_cannot_be_copied_are_in_force_all_the_same(pull: Pull) -> None:
    keys = pull.make_keys(copy=pull.copy.parent / "missing" / "jwks.json")
    await keys.load_copy()
    await keys.refresh()
    assert keys.current.keys() == {FIRST.key.kid}


async def test_a_first_key_is_sought_until_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.state.keys.FIRST_RETRY_S", 0.0)
    asked, found = [], asyncio.Event()

    async def fetch() -> bytes:
        asked.append(1)
        if len(asked) < 3:
            raise DocumentUnreachable
        found.set()
        return FIRST.jwks()

    async def fetch_issuers() -> bytes:
        raise DocumentUnreachable

    keys = Keys(
        Published(fetch, tmp_path / "jwks.json"),
        Published(fetch_issuers, tmp_path / "issuers.json"),
        issuer=ISSUER,
    )
    seeking = asyncio.create_task(keys.keep_fresh())
    await found.wait()
    await keys.refresh()
    assert keys.current.keys() == {FIRST.key.kid}
    seeking.cancel()
    await asyncio.wait([seeking])


async def test_other_sites_have_keys_and_ceilings(abroad: Pull) -> None:
    keys = abroad.make_keys()
    await keys.refresh()
    assert keys.current[FIRST.key.kid].issuer == ISSUER
    assert keys.current[ABROAD.key.kid].issuer == ABROAD.key.issuer
    assert keys.ceilings == {
        ABROAD.key.issuer: Ceiling(videos=frozenset({VIDEO_ID}), max_life_s=7200)
    }


async def test_a_changed_ceiling_is_a_new_version(abroad: Pull) -> None:
    keys = abroad.make_keys()
    await keys.refresh()
    version = keys.version
    abroad.server.issuers = render_issuers(describe(ABROAD, max_height=480))
    await keys.refresh()
    assert keys.version == version + 1
    assert keys.ceilings[ABROAD.key.issuer].max_height == 480


async def test_an_unchanged_document_of_issuers_is_no_new_version(abroad: Pull) -> None:
    keys = abroad.make_keys()
    await keys.refresh()
    version = keys.version
    abroad.server.issuers = json.dumps(json.loads(abroad.server.issuers or b""), indent=1).encode()
    await keys.refresh()
    assert keys.version == version


async def test_a_site_that_is_not_trusted_any_more_has_no_keys(abroad: Pull) -> None:
    keys = abroad.make_keys()
    await keys.refresh()
    abroad.server.issuers = render_issuers()
    await keys.refresh()
    assert keys.current.keys() == {FIRST.key.kid}
    assert not keys.ceilings


async def test_a_control_plane_without_the_document_trusts_nobody_else(abroad: Pull) -> None:
    await abroad.make_keys().refresh()
    abroad.server.issuers = None
    keys = abroad.make_keys()
    await keys.load_copy()
    assert ABROAD.key.kid in keys.current
    await keys.refresh()
    assert keys.current.keys() == {FIRST.key.kid}
    assert not keys.ceilings
    booted = abroad.make_keys(url=NOWHERE)
    await booted.load_copy()
    assert booted.current.keys() == {FIRST.key.kid}


@pytest.mark.parametrize(
    "document",
    [b"", b"<html>", b"{}", b'{"issuers": {}}', b" " * 5_000_000 + b'{"issuers": []}', b"\xff"],
    ids=["nothing", "a web page", "another object", "no list", "an endless document", "bytes"],
)
async def test_a_broken_document_of_issuers_changes_nothing(abroad: Pull, document: bytes) -> None:
    keys = abroad.make_keys()
    await keys.refresh()
    version, saved = keys.version, abroad.copy.with_name("issuers.json").read_bytes()
    abroad.server.issuers = document
    await keys.refresh()
    assert keys.version == version
    assert ABROAD.key.kid in keys.current
    assert abroad.copy.with_name("issuers.json").read_bytes() == saved


async def test_either_document_is_refreshed_while_the_other_is_broken(abroad: Pull) -> None:
    keys = abroad.make_keys()
    await keys.refresh()
    abroad.server.issuers, abroad.server.document = b"<html>", SECOND.jwks()
    await keys.refresh()
    assert keys.current.keys() == {SECOND.key.kid, ABROAD.key.kid}
    abroad.server.issuers, abroad.server.document = render_issuers(), b"<html>"
    await keys.refresh()
    assert keys.current.keys() == {SECOND.key.kid}


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param({}, id="nothing"),
        pytest.param(describe(make_signer()), id="another who speaks for us"),
        pytest.param(describe(ABROAD), id="the same site again"),
        pytest.param(describe(make_signer("https://x.example"), max_life_s=10**6), id="too long"),
        pytest.param({**describe(make_signer("https://x.example")), "jwks": {}}, id="no keys"),
    ],
)
async def test_a_broken_entry_takes_only_itself_out_and_is_logged_once(
    abroad: Pull, caplog: pytest.LogCaptureFixture, entry: dict[str, Any]
) -> None:
    caplog.set_level(logging.WARNING)
    keys = abroad.make_keys()
    for space in ("", " ", "  "):
        abroad.server.issuers = render_issuers(describe(ABROAD), entry) + space.encode()
        await keys.refresh()
    assert keys.current.keys() == {FIRST.key.kid, ABROAD.key.kid}
    assert [record.getMessage().partition(",")[0] for record in caplog.records] == ["passed over"]


async def test_another_site_cannot_take_a_key_of_ours(pull: Pull) -> None:
    thief = describe(ABROAD)
    thief["jwks"]["keys"] += json.loads(FIRST.jwks())["keys"]
    pull.server.issuers = render_issuers(thief)
    keys = pull.make_keys()
    await keys.refresh()
    assert keys.current[FIRST.key.kid].issuer == ISSUER


async def test_without_keys_of_our_own_there_are_none(abroad: Pull) -> None:
    abroad.server.document = b""
    keys = abroad.make_keys()
    await keys.refresh()
    assert (keys.current, keys.ceilings, keys.version) == ({}, {}, 0)
    abroad.server.document = FIRST.jwks()
    await keys.refresh()
    assert keys.current.keys() == {FIRST.key.kid, ABROAD.key.kid}


async def test_other_sites_play_on_while_the_control_plane_is_down(abroad: Pull) -> None:
    await abroad.make_keys().refresh()
    keys = abroad.make_keys(url=NOWHERE)
    await keys.load_copy()
    await keys.refresh()
    verified = await Verifier(keys).verify(ABROAD.issue())
    assert verified.claims.issuer == ABROAD.key.issuer


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff"], ids=["empty", "{}", "bytes"])
async def test_a_bad_copy_of_the_issuers_spoils_nothing_else(pull: Pull, content: bytes) -> None:
    pull.copy.write_bytes(FIRST.jwks())
    pull.copy.with_name("issuers.json").write_bytes(content)
    keys = pull.make_keys()
    await keys.load_copy()
    assert keys.current.keys() == {FIRST.key.kid}


async def test_keys_rotate_with_no_refused_viewer(pull: Pull) -> None:
    """Each key is next, current, retired and gone in turn. The edge looks once in every stage,
    and not before a new key signs: it has known it since it was next."""
    signers = {FIRST.key.kid: FIRST}
    lives = rotate([], newcomer=FIRST.key.kid, now=0)
    keys = pull.make_keys()
    await keys.refresh()
    verifier = Verifier(keys)
    playing: list[tuple[str, str]] = []
    for now in range(1, 6):
        newcomer = make_signer()
        signers[newcomer.key.kid] = newcomer
        lives = rotate(lives, newcomer=newcomer.key.kid, now=now)
        current = next(life.kid for life in lives if life.stage is Stage.CURRENT)
        playing.append((current, signers[current].issue(session_id=f"session {now}")))
        asked = pull.server.asked
        for kid, token in playing:
            assert (await verifier.verify(token)).kid == kid
        assert pull.server.asked == asked
        lives = _forget_before(now - 2, lives)
        playing = [(kid, token) for kid, token in playing if kid in {life.kid for life in lives}]
        pull.server.document = _publish(lives, signers)
        await keys.refresh()
        for kid, token in playing:
            assert (await verifier.verify(token)).kid == kid
    assert FIRST.key.kid not in keys.current


def _forget_before(then: int, lives: list[KeyLife]) -> list[KeyLife]:
    return [life for life in lives if life.stage is not Stage.RETIRED or life.since >= then]


def _publish(lives: list[KeyLife], signers: dict[str, Signer]) -> bytes:
    return render_jwks([public_jwk(signers[life.kid].key.private.public_key()) for life in lives])
