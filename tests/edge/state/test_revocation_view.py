"""Reading what is revoked from a PostgreSQL that is well, broken, frozen or gone."""

import time
from collections.abc import AsyncIterator, Iterator
from uuid import UUID

import pytest

from edge.state.revocation_view import AWAY, ROWS, RevocationView
from shared.events.revocations import Revocation, RevocationScope
from tests.edge.edges import POSTGRES_NOWHERE
from tests.edge.postgres_servers import OwnPostgres, make_own_postgres


@pytest.fixture(scope="module")
def server() -> Iterator[OwnPostgres]:
    with make_own_postgres() as server:
        yield server


@pytest.fixture
async def postgres(server: OwnPostgres) -> OwnPostgres:
    await server.start()
    await server.prepare()
    return server


@pytest.fixture
async def view(postgres: OwnPostgres) -> AsyncIterator[RevocationView]:
    view = RevocationView(postgres.edge_url)
    yield view
    view.close()


def revoke(number: int = 1, *, age_s: float = 0.0) -> Revocation:
    now = time.time()
    return Revocation(
        id=str(UUID(int=number)),
        scope=RevocationScope.VIEWER,
        subject=f"viewer {number}",
        issuer="https://sluice.example",
        issued_before=int(now),
        revoked_at=now - age_s,
        expires_at=int(now) + 3600,
    )


async def read_all(view: RevocationView) -> list[Revocation]:
    rows: list[str] = []
    await view.read_all(rows.extend)
    return [Revocation.parse(row) for row in rows]


async def test_an_empty_view_has_no_rows(view: RevocationView) -> None:
    assert await read_all(view) == []


async def test_rows_are_records(postgres: OwnPostgres, view: RevocationView) -> None:
    video = Revocation(
        id=str(UUID(int=2)),
        scope=RevocationScope.VIDEO,
        subject=str(UUID(int=3)),
        revoked_at=1767225600.123456,
        expires_at=1767312001,
    )
    kept = [revoke(), video]
    await postgres.insert(*kept)
    assert await read_all(view) == kept


@pytest.mark.parametrize("count", [ROWS - 1, ROWS, ROWS + 1, 3 * ROWS])
async def test_many_rows_come_in_parts(
    postgres: OwnPostgres, view: RevocationView, count: int
) -> None:
    await postgres.insert(*(revoke(number) for number in range(count)))
    parts: list[int] = []
    await view.read_all(lambda rows: parts.append(len(rows)))
    assert sum(parts) == count
    assert max(parts) <= ROWS


async def test_recent_rows_are_those_of_the_last_seconds(
    postgres: OwnPostgres, view: RevocationView
) -> None:
    old, new = revoke(1, age_s=120), revoke(2, age_s=30)
    await postgres.insert(old, new)
    assert [Revocation.parse(row) for row in await view.read_recent(60)] == [new]


async def test_nobody_there_is_said() -> None:
    for nowhere in (POSTGRES_NOWHERE, "postgresql://a@/b?host=/nowhere"):
        with pytest.raises(AWAY):
            await read_all(RevocationView(nowhere))


async def test_a_view_that_is_missing_is_said(postgres: OwnPostgres, view: RevocationView) -> None:
    await postgres.execute("DROP VIEW edge_revocations")
    with pytest.raises(AWAY, match="edge_revocations"):
        await read_all(view)


async def test_a_connection_that_died_is_made_anew(
    postgres: OwnPostgres, view: RevocationView
) -> None:
    await read_all(view)
    postgres.kill()
    with pytest.raises(AWAY):
        await read_all(view)
    await postgres.start()
    assert await read_all(view) == []


@pytest.mark.parametrize("met", [False, True], ids=["before the first call", "later"])
async def test_a_server_that_says_nothing_is_given_up(
    postgres: OwnPostgres, view: RevocationView, monkeypatch: pytest.MonkeyPatch, met: bool
) -> None:
    monkeypatch.setattr("edge.state.revocation_view.CONNECT_S", 0.2)
    monkeypatch.setattr("edge.state.revocation_view.ANSWER_S", 0.2)
    if met:
        await read_all(view)
    postgres.freeze()
    try:
        with pytest.raises(AWAY):
            await read_all(view)
    finally:
        postgres.thaw()
    assert await read_all(view) == []


async def test_a_snapshot_that_drags_on_is_given_up(
    postgres: OwnPostgres, view: RevocationView, monkeypatch: pytest.MonkeyPatch
) -> None:
    await postgres.execute(
        "CREATE OR REPLACE VIEW edge_revocations AS SELECT kept.* FROM kept, pg_sleep(2)"
    )
    await postgres.insert(revoke())
    monkeypatch.setattr("edge.state.revocation_view.SNAPSHOT_S", 0.2)
    with pytest.raises(AWAY):
        await read_all(view)
