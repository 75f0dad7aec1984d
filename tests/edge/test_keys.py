"""Pulling keys from a control plane that is well, ill or gone."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from aiohttp import ClientSession

from edge.keys import FLOOR_S, Keys, KeysUnreachable, fetch_jwks
from shared.keyring import public_jwk, render_jwks
from tests.edge.edges import NOWHERE, KeyServer, serve_keys
from tests.edge.films import ISSUER, make_signer

FIRST, SECOND = make_signer(), make_signer()


@dataclass
class Pull:
    """Keys under a clock of the test's own, and the server they come from."""

    server: KeyServer
    session: ClientSession
    copy: Path
    now: float = 100.0

    def make_keys(self, *, copy: Path | None = None, url: str | None = None) -> Keys:
        fetch = partial(fetch_jwks, self.session, url or self.server.url)
        return Keys(fetch, copy=copy or self.copy, issuer=ISSUER, clock=lambda: self.now)


@pytest.fixture
async def pull(tmp_path: Path) -> AsyncIterator[Pull]:
    async with serve_keys(FIRST.jwks()) as server, ClientSession() as session:
        yield Pull(server, session, tmp_path / "jwks.json")


async def test_keys_are_pulled_and_copied_to_disk(pull: Pull) -> None:
    keys = pull.make_keys()
    assert (keys.current, keys.version, keys.fetched_at) == ({}, 0, None)
    await keys.refresh()
    assert keys.current[FIRST.key.kid].issuer == ISSUER
    assert keys.version == 1
    assert keys.fetched_at is not None
    assert pull.copy.read_bytes() == FIRST.jwks()
    assert list(pull.copy.parent.iterdir()) == [pull.copy]


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
    monkeypatch.setattr("edge.keys.FIRST_RETRY_S", 0.0)
    asked, found = [], asyncio.Event()

    async def fetch() -> bytes:
        asked.append(1)
        if len(asked) < 3:
            raise KeysUnreachable
        found.set()
        return FIRST.jwks()

    keys = Keys(fetch, copy=tmp_path / "jwks.json", issuer=ISSUER)
    seeking = asyncio.create_task(keys.keep_fresh())
    await found.wait()
    await keys.refresh()
    assert keys.current.keys() == {FIRST.key.kid}
    seeking.cancel()
    await asyncio.wait([seeking])
