"""The transcoder's configuration from the environment."""

from pathlib import Path

import pytest

from shared.runtime.config import ConfigInvalid, load_config, variables
from transcoder.config import Config
from transcoder.settings import Settings

NEEDED = {
    "REDIS_URL": "redis://localhost/0",
    "SLUICE_MEDIA_STORE": "/srv/media",
    "SLUICE_TRANSCODER_SCRATCH": "/srv/scratch",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in variables(Config).values():
        monkeypatch.delenv(name, raising=False)
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.mark.usefixtures("environment")
def test_what_is_not_set_has_defaults() -> None:
    config = load_config(Config)
    assert config.media_store == Path("/srv/media")
    assert config.settings() == Settings()


def test_limits_reach_the_child(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SLUICE_TRANSCODER_PRESET", "medium")
    environment.setenv("SLUICE_TRANSCODER_MAX_DURATION_S", "60")
    settings = load_config(Config).settings()
    assert (settings.preset, settings.max_duration_s) == ("medium", 60)


@pytest.mark.parametrize("name", NEEDED)
def test_what_is_missing_is_named(environment: pytest.MonkeyPatch, name: str) -> None:
    environment.delenv(name)
    with pytest.raises(ConfigInvalid, match=f"{name}: missing"):
        load_config(Config)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLUICE_TRANSCODER_PRESET", "placebo"),
        ("SLUICE_TRANSCODER_TIMEOUT_S", "0"),
        ("SLUICE_TRANSCODER_MAX_PIXELS", "many"),
        ("SLUICE_TRANSCODER_PRESETT", "fast"),
    ],
)
def test_what_makes_no_sense_is_refused(
    environment: pytest.MonkeyPatch, name: str, value: str
) -> None:
    environment.setenv(name, value)
    with pytest.raises(ConfigInvalid, match=name):
        load_config(Config)
