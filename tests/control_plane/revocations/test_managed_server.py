"""The role of edges on a server of somebody else's, where the control plane is no superuser."""

import os
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from shared.events.revocations import EDGE_ROLE, REVOCATION_VIEW
from tests.edge_database import open_to_edges

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PASSWORD = "correct-horse-battery"
OWNER, DATABASE = "an_owner", "a_database_of_theirs"


def url_of(server: str, role: str) -> str:
    url = urlsplit(server)
    address = url.netloc.rpartition("@")[2]
    return url._replace(netloc=f"{role}:{PASSWORD}@{address}", path=f"/{DATABASE}").geturl()


@pytest.fixture
def owner_url(database_url: str, edge_database_url: str) -> Iterator[str]:
    """The URL of a role that owns a database and may do nothing else."""
    names = {"owner": sql.Identifier(OWNER), "database": sql.Identifier(DATABASE)}

    def run(*statements: str) -> None:
        with psycopg.connect(database_url, autocommit=True) as server:
            for statement in statements:
                server.execute(sql.SQL(statement).format(**names, password=PASSWORD))

    run(
        "CREATE ROLE {owner} LOGIN PASSWORD {password}",
        "CREATE DATABASE {database} OWNER {owner}",
    )
    yield url_of(database_url, OWNER)
    run("DROP DATABASE {database}", "DROP ROLE {owner}")
    assert open_to_edges() == edge_database_url


def manage(url: str, *arguments: str, words: str = "") -> subprocess.CompletedProcess[str]:
    settings = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "control_plane.settings"}
    return subprocess.run(
        (sys.executable, "-m", "control_plane.manage", *arguments),
        env={**os.environ, **settings},  # noqa: TID251  (what the settings of tests have put there)
        input=words,
        capture_output=True,
        text=True,
        check=False,
    )


def test_whoever_owns_the_database_shuts_all_of_it_but_the_view(
    owner_url: str, database_url: str
) -> None:
    """The role is there already, made by another: it may be used, but not be changed."""
    migrated = manage(owner_url, "migrate", "--no-input", "-v", "0")
    assert migrated.returncode == 0, migrated.stderr
    refused = manage(owner_url, "ensure_edge_role", words=f"{PASSWORD}\n")
    assert refused.returncode == 1
    assert "CommandError: The role of DATABASE_URL may not do that" in refused.stderr
    with psycopg.connect(database_url, autocommit=True) as server:
        server.execute(
            sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(EDGE_ROLE), PASSWORD)
        )
    with psycopg.connect(url_of(database_url, EDGE_ROLE), autocommit=True) as edge:
        view = sql.Identifier(REVOCATION_VIEW)
        assert edge.execute(sql.SQL("SELECT * FROM {}").format(view)).fetchall() == []
        for statement in ("SELECT * FROM accounts_user", "CREATE TEMPORARY TABLE t (a int)"):
            edge.execute("SET default_transaction_read_only = off")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                edge.execute(statement)
