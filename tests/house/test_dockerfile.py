"""The Dockerfile makes the images that docker-compose.yml runs."""

import re
from typing import Any, Final

import pytest
import yaml

from tests.house.compose_file import ROOT, make_env, read_services

DOCKERFILE: Final = (ROOT / "Dockerfile").read_text()
_FOUND: Final = re.findall(
    r"^FROM (\S+) AS (\w+)\n(.*?)(?=^FROM |\Z)", DOCKERFILE, re.DOTALL | re.MULTILINE
)
BASES: Final = {base for base, _, _ in _FOUND}
STAGES: Final = {name: body for _, name, body in _FOUND}
ROLES: Final = ("control_plane", "transcoder", "edge")


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return read_services(make_env())


def test_every_image_is_built_from_a_stage(services: dict[str, Any]) -> None:
    targets = {service["build"]["target"] for service in services.values() if "build" in service}
    assert targets == {*ROLES, "nginx"}
    assert targets <= set(STAGES)


@pytest.mark.parametrize("role", ROLES)
def test_image_runs_its_service_by_default(role: str, services: dict[str, Any]) -> None:
    command = re.search(r"^CMD (\[.*\])\s*\Z", STAGES[role], re.DOTALL | re.MULTILINE)
    assert command
    assert yaml.safe_load(command[1].replace("\\\n", "")) == services[role]["command"]


@pytest.mark.parametrize("role", ROLES)
def test_image_holds_its_own_service_and_no_other(role: str) -> None:
    copied = set(re.findall(r"^COPY (\w+) \w+$", STAGES["service"] + STAGES[role], re.MULTILINE))
    assert copied == {"shared", role}


@pytest.mark.parametrize("stage", [*ROLES, "nginx"])
def test_image_does_not_run_as_root(stage: str) -> None:
    assert re.search(r"^USER [1-9]\d+:[1-9]\d+$", STAGES[stage], re.MULTILINE)
    assert "HEALTHCHECK" in STAGES[stage]


def test_only_the_transcoder_holds_ffmpeg() -> None:
    holders = [role for role in ROLES if "COPY --from=dependencies /opt/venv" in STAGES[role]]
    assert holders == ["transcoder"]
    assert 'licenses="MIT AND GPL-3.0-or-later"' in STAGES["transcoder"]


def test_dependencies_are_installed_by_their_hashes() -> None:
    assert "--require-hashes -r /tmp/run.lock" in STAGES["dependencies"]
    assert "npm ci --omit=dev " in STAGES["browser_libraries"]


def test_images_of_others_are_pinned_to_a_version(services: dict[str, Any]) -> None:
    run = {service["image"] for service in services.values() if "build" not in service}
    used = BASES - set(STAGES) | run
    # what Node builds here does not depend on its minor version
    loose = {image for image in used if not re.fullmatch(r"[a-z]+:(\d+\.\d+|24-)[\w.-]*", image)}
    assert not loose


def test_no_secret_is_built_in() -> None:
    assert not re.findall(
        r"(?i)^(?:ARG|ENV) .*(?:password|secret|token|key).*$", DOCKERFILE, re.MULTILINE
    )


def test_build_sees_only_what_is_copied() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    allowed = {line[1:] for line in lines if line.startswith("!")}
    copied = {
        name
        for line in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE)
        for name in line.split()
    }
    assert "*" in lines
    assert allowed == copied
