import os
from pathlib import Path

import psycopg
import pytest

from standalone import postgres
from standalone.failure import StartFailed
from standalone.postgres import Postgres, create_cluster, describe_program
from tests.stack import make_state_folder


def test_database_takes_its_password_over_the_socket(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT current_setting('listen_addresses')").fetchone()
    assert row == ("",)


def test_wrong_password_is_refused(database_url: str) -> None:
    scheme, _, rest = database_url.partition("://")
    role, _, place = rest.partition(":")
    wrong = f"{scheme}://{role}:wrong@{place.partition('@')[2]}"
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to give its rights up")
def test_folder_closed_to_the_unprivileged_account_is_named_with_the_remedy() -> None:
    with make_state_folder() as state:
        closed = state.parent / "closed"
        closed.mkdir(mode=0o700)
        cluster = Postgres(folder=closed / "postgres", sockets=closed / "run", password="secret")
        with pytest.raises(StartFailed, match=f"may not enter {closed}") as caught:
            create_cluster(cluster)
    assert "SLUICE_STATE" in caught.value.remedy


def test_half_a_cluster_is_never_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with make_state_folder() as state:
        cluster = Postgres(folder=state / "pg", sockets=state / "run", password="secret")
        state.mkdir(mode=0o711)
        monkeypatch.setattr(postgres, "_LOCALE", ("--locale=no_such_locale",))
        with pytest.raises(StartFailed, match="initdb made no PostgreSQL cluster") as caught:
            create_cluster(cluster)
        assert "no_such_locale" in caught.value.remedy
        assert not cluster.data.exists()


def test_password_shows_nowhere() -> None:
    cluster = Postgres(folder=Path("/a"), sockets=Path("/b"), password="secret")
    assert "secret" not in repr(cluster)
    assert "secret" not in " ".join(describe_program(cluster, Path("/log")).command)
