"""The same command on servers that the operator names."""

from collections.abc import Iterator

import pytest

from tests.stack import Stack, make_state_folder, run_stack, start

pytestmark = [pytest.mark.system, pytest.mark.slow]


@pytest.fixture(scope="module")
def guest(database_url: str, redis_url: str) -> Iterator[Stack]:
    """A system on the PostgreSQL and the Redis of the tests."""
    with (
        make_state_folder() as state,
        run_stack(state, DATABASE_URL=database_url, REDIS_URL=redis_url) as stack,
    ):
        yield stack


def test_named_servers_are_used_and_none_is_started(guest: Stack) -> None:
    assert not {"postgres", "redis"} & set(guest.announced["pids"])
    assert not (guest.state / "postgres").exists()
    assert not (guest.state / "redis").exists()


@pytest.mark.parametrize(
    ("variable", "url"),
    [
        ("DATABASE_URL", "postgresql://sluice:secret@127.0.0.1:1/sluice"),
        ("REDIS_URL", "redis://:secret@127.0.0.1:1/0"),
    ],
    ids=["DATABASE_URL", "REDIS_URL"],
)
def test_server_that_is_away_is_named_by_its_variable(variable: str, url: str) -> None:
    with make_state_folder() as state:
        with start(state, **{variable: url}) as process:
            assert process.wait(60) == 1
        words = state.with_name("output").read_text()
    assert f"The server that {variable} names does not take our connection." in words
    assert "secret" not in words
