"""Tests for control_plane/revocations/edge_role.py and the view, over connections as that role."""

import io
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import TypeAlias
from urllib.parse import quote

import asyncpg
import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from psycopg import sql
from psycopg.rows import dict_row

from control_plane.database import in_database
from control_plane.revocations.edge_role import allow_login
from control_plane.revocations.models import Revocation
from control_plane.revocations.services import (
    lift_revocation,
    revoke_key,
    revoke_session,
    revoke_video,
    revoke_viewer,
)
from shared.events import revocations as events
from shared.events.revocations import EDGE_ROLE, REVOCATION_VIEW, RevocationScope
from tests.edge_database import open_to_edges

pytestmark = pytest.mark.django_db(transaction=True)

Edge: TypeAlias = psycopg.Connection[dict[str, object]]

VIDEO = "0198c0de-0000-7000-8000-00000000f001"
READ = sql.SQL("SELECT * FROM {}").format(sql.Identifier(REVOCATION_VIEW))


@pytest.fixture
def edge(edge_database_url: str) -> Iterator[Edge]:
    with psycopg.connect(edge_database_url, autocommit=True, row_factory=dict_row) as edge:
        yield edge


def test_the_view_has_the_fields_of_the_record(
    edge: Edge,
) -> None:
    now = timezone.now()
    revoke_session("a session", now=now)
    revoke_viewer("a viewer", now=now, issuer="https://elsewhere.example")
    revoke_video(VIDEO, now=now)
    read = {events.Revocation.parse(json.dumps(row)) for row in edge.execute(READ)}
    assert {(one.scope, one.issuer, one.issued_before) for one in read} == {
        (RevocationScope.SESSION, "http://testserver", None),
        (RevocationScope.VIEWER, "https://elsewhere.example", int(now.timestamp()) + 1),
        (RevocationScope.VIDEO, None, None),
    }
    assert {one.revoked_at for one in read} == {now.timestamp()}


async def test_asyncpg_reads_it_too(edge_database_url: str) -> None:
    await in_database(revoke_key, "a key", now=timezone.now())
    edge = await asyncpg.connect(edge_database_url)
    rows = await edge.fetch(f"SELECT * FROM {REVOCATION_VIEW}")  # noqa: S608
    await edge.close()
    (read,) = (events.Revocation.parse(json.dumps(dict(row))) for row in rows)
    assert (read.scope, read.subject) == (RevocationScope.KEY, "a key")


def test_what_is_expired_or_lifted_is_not_in_the_view(
    edge: Edge,
) -> None:
    revoke_session("long ago", now=timezone.now() - timedelta(days=2))
    revoke_video(VIDEO, now=timezone.now())
    lift_revocation(RevocationScope.VIDEO, VIDEO)
    assert not edge.execute(READ).fetchall()


def test_the_role_sees_nothing_but_the_view(edge: Edge) -> None:
    tables = {str(row["name"]) for row in edge.execute(LIST_RELATIONS) if row["name"]}
    assert {"accounts_user", "signing_signingkey", Revocation._meta.db_table} <= tables
    readable = set()
    for name in tables:
        try:
            edge.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(name)))
        except psycopg.errors.InsufficientPrivilege:
            continue
        readable.add(name)
    assert readable == {REVOCATION_VIEW}


LIST_RELATIONS = """
SELECT relname AS name FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind IN ('r', 'v', 'm', 'p', 'S') AND nspname NOT IN ('pg_catalog', 'information_schema')
    AND nspname NOT LIKE 'pg_toast%'
"""


@pytest.mark.parametrize(
    "statement",
    [
        f"DELETE FROM {REVOCATION_VIEW}",  # noqa: S608
        f"UPDATE {REVOCATION_VIEW} SET issued_before = 0",  # noqa: S608
        "CREATE TABLE a_table (a int)",
        "CREATE TEMPORARY TABLE a_table (a int)",
        "CREATE SCHEMA a_schema",
        "SELECT lo_create(0)",
        "SELECT lo_from_bytea(0, 'bytes')",
        "CREATE ROLE another",
    ],
)
def test_the_role_writes_nothing(statement: str, edge: Edge) -> None:
    edge.execute("SET default_transaction_read_only = off")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        edge.execute(statement)


def test_a_statement_of_the_role_ends_in_time(
    edge: Edge,
) -> None:
    (limit,) = (row["statement_timeout"] for row in edge.execute("SHOW statement_timeout"))
    assert limit == "5s"


def test_the_password_is_read_from_standard_input_and_replaces_the_one_before(
    monkeypatch: pytest.MonkeyPatch, edge_database_url: str
) -> None:
    password = "a new password: it's long"
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    call_command("ensure_edge_role", stdout=io.StringIO())
    old = edge_database_url.partition(f"//{EDGE_ROLE}:")[2].partition("@")[0]
    with psycopg.connect(edge_database_url.replace(old, quote(password))) as edge:
        assert edge.execute(READ).fetchall() == []
    try:
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(edge_database_url)
    finally:
        assert open_to_edges() == edge_database_url


@pytest.mark.parametrize("password", ["", "too short", "with a \x07 bell in it"])
def test_a_weak_password_is_refused(monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    with pytest.raises(CommandError, match="at least 16"):
        call_command("ensure_edge_role")


def test_the_server_is_sent_no_password() -> None:
    password = "one that no log may hold"
    statements: list[str] = []

    def note(execute, statement, params, many, context):  # type: ignore[no-untyped-def]
        statements.append(f"{statement} {params}")
        return execute(statement, params, many, context)

    with connection.execute_wrapper(note):
        allow_login(password)
    open_to_edges()
    assert "SCRAM-SHA-256$" in " ".join(statements)
    assert password not in " ".join(statements)
