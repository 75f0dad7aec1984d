"""docker-compose.yml and Dockerfile agree with the services they start."""

import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest
import yaml
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

import control_plane.config
import edge.config
import transcoder.config
from shared.runtime.config import ConfigInvalid, ServiceConfig, load_config, variables
from standalone import programs
from standalone.config import Config as StandaloneConfig
from standalone.deployment import Deployment, plan_deployment
from standalone.state import State

ROOT: Final = Path(__file__).parents[2]
COMPOSE_FILE: Final = ROOT / "docker-compose.yml"

CONFIGS: Final[Mapping[str, type[ServiceConfig]]] = {
    "migrate": control_plane.config.Config,
    "control_plane": control_plane.config.Config,
    "control_worker": control_plane.config.Config,
    "beat": control_plane.config.Config,
    "transcoder": transcoder.config.Config,
    "edge": edge.config.Config,
}
SCHEDULE: Final = "/tmp/schedule"  # noqa: S108  (a file system of the container's own)
RunCompose: TypeAlias = Callable[..., subprocess.CompletedProcess[str]]
# What the engine reads of `${NAME}`, `${NAME:-default}` and `${NAME:?message}`; `$$` is a dollar.
_VARIABLE: Final = re.compile(
    r"\$(?:(?P<dollar>\$)|\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\})"
)


def _make_env_file() -> dict[str, str]:
    """What an operator writes into .env, and nothing that has a default."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return {
        "SLUICE_POSTGRES_PASSWORD": "p" * 32,
        "SLUICE_REDIS_PASSWORD": "r" * 32,
        "SLUICE_NGINX_CONTROL_NAME": "films.example.org",
        "SLUICE_NGINX_EDGE_NAME": "media.example.org",
        "SLUICE_NGINX_TLS": "./tls",
        "SLUICE_CONTROL_SECRET_KEY": "s" * 64,
        "SLUICE_CONTROL_KEK": Fernet.generate_key().decode(),
        "SLUICE_CONTROL_JWT_PRIVATE_KEY": pem,
    }


ENV_FILE: Final = _make_env_file()


def _interpolate(node: Any, values: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        return {name: _interpolate(child, values) for name, child in node.items()}
    if isinstance(node, list):
        return [_interpolate(child, values) for child in node]
    return _VARIABLE.sub(lambda m: _read(m, values), node) if isinstance(node, str) else node


def _read(found: re.Match[str], values: Mapping[str, str]) -> str:
    if found["dollar"]:
        return "$"
    if found["kind"] == "-":
        return values.get(found["name"]) or found["rest"]
    return values[found["name"]]


@pytest.fixture(scope="module")
def written() -> dict[str, Any]:
    """The services as they are written."""
    services: dict[str, Any] = yaml.safe_load(COMPOSE_FILE.read_text())["services"]
    return services


@pytest.fixture(scope="module")
def services(written: dict[str, Any]) -> dict[str, Any]:
    """The services with the variables filled in; one without a value is handed on."""
    filled: dict[str, Any] = _interpolate(written, ENV_FILE)
    for service in filled.values():
        handed_on = {name: ENV_FILE.get(name) for name in service.get("environment", ())}
        service["environment"] = {
            name: handed_on[name] if value is None else value
            for name, value in service.get("environment", {}).items()
        }
    return filled


@pytest.fixture(scope="module")
def dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text()


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


@pytest.mark.parametrize("missing", sorted(ENV_FILE))
def test_nothing_starts_without(missing: str) -> None:
    assert f"${{{missing}:?" in COMPOSE_FILE.read_text()


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
        "edge": agreed["edge-1"],
    }


def _agreed_commands(deployment: Deployment) -> dict[str, list[str]]:
    described = (
        programs.describe_migrate(deployment),
        programs.describe_control(deployment),
        *programs.describe_workers(deployment),
        *programs.describe_edges(deployment),
    )
    return {program.name: ["python", *program.command[1:]] for program in described}


@pytest.mark.parametrize("service", ["control_plane", "transcoder", "edge"])
def test_image_runs_its_service_by_default(
    service: str, services: dict[str, Any], dockerfile: str
) -> None:
    stage = dockerfile.split(f" AS {service}\n")[1].split("\nFROM ")[0]
    command = re.search(r"^CMD (\[.*\])\Z", stage.strip(), re.DOTALL | re.MULTILINE)
    assert command
    assert yaml.safe_load(command[1].replace("\\\n", "")) == services[service]["command"]


def test_every_target_is_a_stage(services: dict[str, Any], dockerfile: str) -> None:
    stages = set(re.findall(r"^FROM \S+ AS (\w+)$", dockerfile, re.MULTILINE))
    assert {
        service["build"]["target"] for service in services.values() if "build" in service
    } <= stages


def test_images_of_others_are_pinned_to_a_minor_version(
    services: dict[str, Any], dockerfile: str
) -> None:
    stages = set(re.findall(r" AS (\w+)$", dockerfile, re.MULTILINE))
    used = {*re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)} - stages
    used |= {service["image"] for service in services.values() if "build" not in service}
    assert used
    # Node's minor versions change nothing that is built with it
    loose = {image for image in used if not re.fullmatch(r"[a-z]+:(\d+\.\d+|24-)[\w.-]*", image)}
    assert not loose


def test_only_nginx_is_reached_from_outside(services: dict[str, Any]) -> None:
    assert [name for name, service in services.items() if "ports" in service] == ["nginx"]


@pytest.mark.parametrize("service", ["edge", "transcoder", "nginx"])
def test_secrets_of_the_control_plane_stay_there(service: str, services: dict[str, Any]) -> None:
    secrets = {value for name, value in ENV_FILE.items() if name.startswith("SLUICE_CONTROL_")}
    values = "\n".join(filter(None, services[service]["environment"].values()))
    assert not [secret for secret in secrets if secret in values]


def test_edge_knows_neither_database_nor_broker(services: dict[str, Any]) -> None:
    assert services["edge"]["networks"] == ["front"]
    assert not {"DATABASE_URL", "REDIS_URL"} & set(services["edge"]["environment"])


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
        return subprocess.run(  # noqa: S603
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
    escaped = {name: value.replace("\n", "\\n") for name, value in ENV_FILE.items()}
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
