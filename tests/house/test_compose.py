"""docker-compose.yml agrees with the services it starts."""

import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest
import yaml
from dotenv import dotenv_values

import control_plane.config
import edge.config
import transcoder.config
from shared.events.revocations import EDGE_ROLE
from shared.runtime.config import ConfigInvalid, ServiceConfig, load_config, variables
from standalone import programs
from standalone.config import Config as StandaloneConfig
from standalone.deployment import Deployment, plan_deployment
from standalone.state import State
from tests.house.compose_file import COMPOSE_FILE, ROOT, make_env, read_services

CONFIGS: Final[Mapping[str, type[ServiceConfig]]] = {
    "migrate": control_plane.config.Config,
    "control_plane": control_plane.config.Config,
    "control_worker": control_plane.config.Config,
    "beat": control_plane.config.Config,
    "transcoder": transcoder.config.Config,
    "edge": edge.config.Config,
}
OPERATIONS: Final = ROOT / "docs" / "operations.md"
SCHEDULE: Final = "/tmp/schedule"  # noqa: S108  (a file system of the container's own)
RunCompose: TypeAlias = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return read_services(make_env())


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    for folder in ("secrets", "run"):
        (tmp_path / folder).mkdir(mode=0o700)
    return plan_deployment(StandaloneConfig(), State(tmp_path))


def _use_environment(monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, Any]) -> None:
    for config in {*CONFIGS.values()}:
        for name in variables(config).values():
            monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        if value is not None:
            monkeypatch.setenv(name, value)


@pytest.mark.parametrize("service", CONFIGS)
def test_environment_makes_a_configuration(
    service: str, services: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    _use_environment(monkeypatch, services[service]["environment"])
    load_config(CONFIGS[service])


@pytest.mark.parametrize("service", CONFIGS)
def test_every_setting_can_be_set_and_no_other(service: str, services: dict[str, Any]) -> None:
    assert set(services[service]["environment"]) == set(variables(CONFIGS[service]).values())


@pytest.mark.parametrize("service", ["control_plane", "control_worker"])
def test_who_sends_mail_reaches_its_server(service: str, services: dict[str, Any]) -> None:
    assert "out" in services[service]["networks"]


@pytest.mark.parametrize("missing", sorted(make_env()))
def test_nothing_starts_without(missing: str) -> None:
    assert f"${{{missing}:?" in COMPOSE_FILE.read_text()


def test_documented_env_file_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not shutil.which("openssl"):
        pytest.skip("there is no openssl here")
    script = re.search(r"```sh\n(umask 077\n.*?)```", OPERATIONS.read_text(), re.DOTALL)
    assert script
    subprocess.run(["/bin/sh", "-c", script[1]], cwd=tmp_path, check=True)
    env = {name: value or "" for name, value in dotenv_values(tmp_path / ".env").items()}
    assert set(env) == set(make_env())
    for service, config in CONFIGS.items():
        _use_environment(monkeypatch, read_services(env)[service]["environment"])
        load_config(config)


def test_misspelt_variable_is_refused_by_its_service(
    services: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    _use_environment(monkeypatch, {**services["edge"]["environment"], "SLUICE_EDGE_PROT": "1"})
    with pytest.raises(ConfigInvalid, match="SLUICE_EDGE_PROT: no such setting"):
        load_config(edge.config.Config)


def test_commands_are_those_of_one_machine(
    services: dict[str, Any], deployment: Deployment
) -> None:
    agreed = _agreed_commands(deployment)
    schedule = str(deployment.state.beat / "schedule")
    beat = [SCHEDULE if word == schedule else word for word in agreed["beat"]]
    assert {name: services[name]["command"] for name in CONFIGS} == {
        "migrate": agreed["migrate"],
        "control_plane": agreed["control"],
        "control_worker": agreed["control-worker"],
        "beat": beat,
        "transcoder": agreed["transcoder"],
        "edge": agreed["edge"],
    }


def _agreed_commands(deployment: Deployment) -> dict[str, list[str]]:
    described = (
        programs.describe_migrate(deployment),
        programs.describe_control(deployment),
        *programs.describe_workers(deployment),
        programs.describe_edge(deployment),
    )
    return {program.name: ["python", *program.command[1:]] for program in described}


def test_only_nginx_is_reached_from_outside(services: dict[str, Any]) -> None:
    assert [name for name, service in services.items() if "ports" in service] == ["nginx"]


@pytest.mark.parametrize("service", ["edge", "transcoder", "nginx"])
def test_secrets_of_the_control_plane_stay_there(service: str, services: dict[str, Any]) -> None:
    secrets = {value for name, value in make_env().items() if name.startswith("SLUICE_CONTROL_")}
    values = "\n".join(filter(None, services[service]["environment"].values()))
    assert not [secret for secret in secrets if secret in values]


def test_edge_waits_for_nobody_and_has_no_role_but_its_own(services: dict[str, Any]) -> None:
    edge = services["edge"]
    assert "depends_on" not in edge
    assert "DATABASE_URL" not in edge["environment"]
    assert edge["environment"]["SLUICE_EDGE_DATABASE_URL"].startswith(f"postgresql://{EDGE_ROLE}:")


def test_the_role_of_edges_gets_its_password_from_standard_input(services: dict[str, Any]) -> None:
    role, password = services["edge_role"], make_env()["SLUICE_POSTGRES_EDGE_PASSWORD"]
    assert password not in " ".join(role["command"])
    assert role["environment"]["EDGE_PASSWORD"] == password
    assert f":{password}@" in services["edge"]["environment"]["SLUICE_EDGE_DATABASE_URL"]


def test_every_service_is_hardened(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name


def test_nobody_has_a_password_in_the_file() -> None:
    secrets = re.findall(
        r"^ *\w*(?:PASSWORD|SECRET_KEY|PRIVATE_KEY|KEK): *(.+)$",
        COMPOSE_FILE.read_text(),
        re.MULTILINE,
    )
    assert secrets
    assert not [value for value in secrets if not re.fullmatch(r"\$\{\w+(:\?.*)?\}", value)]


@pytest.fixture
def run_compose() -> RunCompose:
    """docker-compose as a parser alone: no engine is asked, and nothing read but the two files."""
    program = shutil.which("docker-compose")
    if program is None:
        pytest.skip("there is no docker-compose here")

    def run(env_file: Path, *options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program, "-f", COMPOSE_FILE, "--env-file", env_file, "config", *options],
            env={"DOCKER_HOST": "unix:///nonexistent"},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_docker_compose_reads_the_same(
    services: dict[str, Any], run_compose: RunCompose, tmp_path: Path
) -> None:
    env_file = tmp_path / ".env"
    escaped = {name: value.replace("\n", "\\n") for name, value in make_env().items()}
    env_file.write_text("".join(f'{name}="{value}"\n' for name, value in escaped.items()))
    finished = run_compose(env_file)
    assert finished.returncode == 0, finished.stderr
    read = yaml.safe_load(finished.stdout.replace("$$", "$"))["services"]
    for name, service in services.items():
        assert read[name].get("environment", {}) == service["environment"], name
        assert read[name].get("command") == service.get("command"), name


def test_docker_compose_names_what_is_missing(run_compose: RunCompose, tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.touch()
    finished = run_compose(env_file, "-q")
    assert finished.returncode != 0
    assert "is missing in .env" in finished.stderr
