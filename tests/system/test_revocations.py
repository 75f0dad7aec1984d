"""What is revoked and what was refused, through the whole running system."""

import json
import secrets
import time
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import psycopg
import pytest
from aiohttp import ClientSession
from psycopg import sql
from redis import Redis

from shared.events.record import FIELD
from shared.events.refusals import REFUSAL_STREAM, Refusal, RefusalCode
from shared.events.revocations import REVOCATION_STREAM, REVOCATION_VIEW
from standalone.api import Api
from tests.stack import Stack
from tests.system.management import find_deployment, manage
from tests.waiting import wait_for

pytestmark = pytest.mark.system

SOON_S = 10
BOUND_S = 2


@pytest.fixture
async def admin(stack: Stack) -> AsyncIterator[ClientSession]:
    async with ClientSession(stack.control_url) as session:
        await Api(session).log_in(stack.announced["admin_email"], stack.secret("admin_password"))
        yield session


async def start_playback(admin: ClientSession, stack: Stack) -> dict[str, Any]:
    async with admin.post(f"{path_of_demo(stack)}/playback", json={}) as answer:
        assert answer.status == 201
        playback: dict[str, Any] = await answer.json()
    return playback


def path_of_demo(stack: Stack) -> str:
    record = json.loads((stack.state / "demo.json").read_text())
    return f"/api/v1/videos/{record['video_id']}"


def ask(url: str) -> tuple[int, dict[str, Any]]:
    """The status and, of a refusal, the problem."""
    try:
        with urlopen(url, timeout=5) as response:  # noqa: S310
            return response.status, {}
    except HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def is_revoked(url: str) -> Callable[[], bool]:
    return lambda: ask(url)[1].get("code") == "revoked"


async def test_a_revoked_session_ends_within_two_seconds_and_no_other_does(
    stack: Stack, admin: ClientSession
) -> None:
    one, other = [await start_playback(admin, stack) for _ in range(2)]
    assert ask(one["url"])[0] == ask(other["url"])[0] == 200
    assert manage(stack, "revoke", "session", one["session_id"]).returncode == 0
    wait_for(is_revoked(one["url"]), what="the refusal", within_s=BOUND_S)
    assert ask(other["url"])[0] == 200
    assert manage(stack, "revoke", "session", one["session_id"], "--lift").returncode == 0
    wait_for(lambda: ask(one["url"])[0] == 200, what="the way back", within_s=BOUND_S)


async def test_a_film_that_is_unpublished_ends_and_its_owner_may_begin_anew(
    stack: Stack, admin: ClientSession
) -> None:
    video = path_of_demo(stack)
    before = await start_playback(admin, stack)
    assert ask(before["url"])[0] == 200
    async with admin.post(f"{video}/unpublish") as answer:
        assert answer.status == 200
    try:
        wait_for(is_revoked(before["url"]), what="the refusal", within_s=BOUND_S)
        next_second = int(time.time()) + 1
        wait_for(lambda: time.time() >= next_second, what="the next second", within_s=2)
        assert ask((await start_playback(admin, stack))["url"])[0] == 200
    finally:
        async with admin.post(f"{video}/publish") as answer:
            assert answer.status == 200
    wait_for(lambda: ask(before["url"])[0] == 200, what="the way back", within_s=BOUND_S)


async def test_a_refused_person_can_be_told_why(stack: Stack, admin: ClientSession) -> None:
    playback = await start_playback(admin, stack)
    manage(stack, "revoke", "session", playback["session_id"])
    wait_for(is_revoked(playback["url"]), what="the refusal", within_s=BOUND_S)
    _, problem = ask(playback["url"])
    refusal = await find_refusal(admin, problem["decision_id"])
    assert (refusal["code"], refusal["session_id"]) == ("revoked", playback["session_id"])
    assert refusal["rules"][-1] == {"rule": "revocation", "passed": False}


async def test_what_edges_report_is_soon_to_be_found(stack: Stack, admin: ClientSession) -> None:
    reported = Refusal(
        decision_id=secrets.token_hex(8),
        at=time.time(),
        code=RefusalCode.TOKEN_MISSING,
        cause="There was none.",
        method="GET",
    )
    with Redis.from_url(find_deployment(stack).redis_url) as redis:
        redis.xadd(REFUSAL_STREAM, {FIELD: reported.render()})
    refusal = await find_refusal(admin, reported.decision_id)
    assert refusal["cause"] == "There was none."


async def find_refusal(admin: ClientSession, decision_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + SOON_S
    while time.monotonic() < deadline:
        async with admin.get(f"/api/v1/refusals/{decision_id}") as answer:
            if answer.status == 200:
                found: dict[str, Any] = await answer.json()
                return found
    raise AssertionError(f"{decision_id} was not kept within {SOON_S} s")


def test_what_waits_in_the_outbox_is_sent_by_periodic_work(stack: Stack) -> None:
    deployment, record = find_deployment(stack), f'{{"id": "{secrets.token_hex(8)}"}}'
    with psycopg.connect(deployment.database_url) as database:
        database.execute("INSERT INTO revocations_outboxentry (record) VALUES (%s)", [record])
    with Redis.from_url(deployment.redis_url) as redis:

        def is_sent() -> bool:
            entries: Any = redis.xrevrange(REVOCATION_STREAM, count=10)
            return any(fields.get(FIELD.encode()) == record.encode() for _, fields in entries)

        wait_for(is_sent, what="the relay", within_s=SOON_S)


def test_edges_read_the_view_and_no_table(stack: Stack) -> None:
    url = find_deployment(stack).edge_database_url
    with psycopg.connect(url, autocommit=True) as edge:
        edge.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(REVOCATION_VIEW)))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            edge.execute("SELECT * FROM accounts_user")
