"""Tests for control_plane/health.py."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pydantic import SecretStr
from pytest_django import Settings


def get(path: str) -> Any:
    return Client().get(path)


def change(settings: Settings, **update: Any) -> None:
    settings.CONFIG = settings.CONFIG.model_copy(update=update)


@pytest.fixture
def store(settings: Settings, tmp_path: Path) -> Path:
    change(settings, media_store=tmp_path)
    return tmp_path


def test_a_process_that_answers_lives() -> None:
    answer = get("/livez")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_living_needs_nothing_else(settings: Settings) -> None:
    change(settings, database_url=SecretStr("postgresql://nobody@/none?host=/nowhere"))
    assert get("/livez").status_code == 200


@pytest.mark.usefixtures("store", "database_url", "redis_url")
def test_a_process_is_ready_when_all_is_there() -> None:
    answer = get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["dependencies"] == {
        "postgresql": "ok",
        "redis": "ok",
        "media_store": "ok",
    }
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.usefixtures("store", "database_url", "redis_url")
@pytest.mark.parametrize(
    ("update", "name", "fault"),
    [
        (
            {"database_url": SecretStr("postgresql://nobody:pw@/none?host=/nowhere")},
            "postgresql",
            "OperationalError",
        ),
        ({"redis_url": SecretStr("unix://:pw@/nowhere.sock")}, "redis", "ConnectionError"),
        ({"media_store": Path("/nowhere")}, "media_store", "FileNotFoundError"),
    ],
    ids=["postgresql", "redis", "media store"],
)
def test_what_is_missing_is_named_and_nothing_of_it_told(
    update: dict[str, Any], name: str, fault: str, settings: Settings
) -> None:
    change(settings, **update)
    answer = get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
    states = answer.json()["dependencies"]
    assert states.pop(name) == fault
    assert set(states.values()) == {"ok"}
    assert b"nowhere" not in answer.content


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_health_is_only_read(path: str) -> None:
    assert Client().post(path).status_code == 405
