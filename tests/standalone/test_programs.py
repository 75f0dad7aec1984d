from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from shared.events.revocations import EDGE_ROLE
from standalone import programs
from standalone.config import Config
from standalone.deployment import Deployment, plan_deployment
from standalone.processes import Program
from standalone.state import open_state


@pytest.fixture
def deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    for variable in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(variable, raising=False)
    with open_state(tmp_path) as state:
        yield plan_deployment(Config(), state)


def list_programs(deployment: Deployment) -> list[Program]:
    return [
        programs.describe_migrate(deployment),
        programs.describe_ensure_edge_role(deployment),
        programs.describe_ensure_admin(deployment),
        programs.describe_control(deployment),
        *programs.describe_workers(deployment),
        programs.describe_edge(deployment),
    ]


def test_no_secret_stands_in_a_command(deployment: Deployment) -> None:
    words = " ".join(word for program in list_programs(deployment) for word in program.command)
    assert not [secret for secret in asdict(deployment.credentials).values() if secret in words]


def test_only_the_control_plane_knows_the_database(deployment: Deployment) -> None:
    knowing = {
        program.name
        for program in list_programs(deployment)
        if deployment.database_url in program.environment.values()
    }
    assert knowing == {
        "migrate",
        "ensure_edge_role",
        "ensure_admin",
        "control",
        "control-worker",
        "beat",
    }


def test_each_transcoder_is_a_program_of_its_own(deployment: Deployment) -> None:
    several = deployment.config.model_copy(update={"transcoders": 3})
    workers = programs.describe_workers(replace(deployment, config=several))
    transcoders = [worker for worker in workers if worker.name.startswith("transcoder")]
    assert [worker.name for worker in transcoders] == ["transcoder", "transcoder-2", "transcoder-3"]
    assert len({worker.command for worker in transcoders}) == 3
    assert len({worker.log for worker in transcoders}) == 3


def test_the_edge_reaches_the_database_by_a_role_of_its_own(deployment: Deployment) -> None:
    credentials = deployment.credentials
    url = programs.describe_edge(deployment).environment["SLUICE_EDGE_DATABASE_URL"]
    assert url.startswith(f"postgresql://{EDGE_ROLE}:{credentials.postgres_edge_password}@")
    assert credentials.postgres_password not in url
    assert deployment.database_url.partition("@")[2] == url.partition("@")[2]


def test_the_edge_has_a_worker_a_core_up_to_a_bound(deployment: Deployment) -> None:
    environment = programs.describe_edge(deployment).environment
    assert 1 <= int(environment["SLUICE_EDGE_WORKERS"]) <= programs.MOST_EDGE_WORKERS


def test_named_servers_are_used_instead_of_embedded_ones(tmp_path: Path) -> None:
    config = Config(DATABASE_URL="postgresql://a@b/c", REDIS_URL="redis://d/0")
    with open_state(tmp_path) as state:
        deployment = plan_deployment(config, state)
    assert (deployment.postgres, deployment.redis) == (None, None)
    assert (deployment.database_url, deployment.redis_url) == ("postgresql://a@b/c", "redis://d/0")
