import psycopg
import pytest


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
