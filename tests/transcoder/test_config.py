"""The transcoder's configuration from the environment."""

from pathlib import Path

import pytest

from shared.jobs import MAX_RUNGS
from shared.runtime.config import ConfigInvalid, load_config, variables
from transcoder.config import Config
from transcoder.settings import Settings, Step

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


def test_ladder_and_quality_reach_the_child(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SLUICE_TRANSCODER_CRF", "0")
    environment.setenv("SLUICE_TRANSCODER_LADDER", "240:400, 1440:12000")
    settings = load_config(Config).settings()
    assert settings.crf == 0
    assert settings.ladder == (
        Step(height=240, max_bit_rate_bps=400_000),
        Step(height=1440, max_bit_rate_bps=12_000_000),
    )


def test_ladder_can_be_written_as_it_is_shown(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SLUICE_TRANSCODER_LADDER", ",".join(map(str, Settings().ladder)))
    assert load_config(Config).ladder == Settings().ladder


@pytest.mark.parametrize(
    ("ladder", "reason"),
    [
        pytest.param(",", "at least 1 item", id="no step"),
        pytest.param("720", "such as 720:3500", id="no bit rate"),
        pytest.param("720:3.5M", "such as 720:3500", id="another unit"),
        pytest.param("-360:900", "such as 720:3500", id="below zero"),
        pytest.param('[{"height": 360}]', "such as 720:3500", id="JSON"),
        pytest.param("0:900", "greater than 0", id="no height"),
        pytest.param("360:0", "greater than 0", id="no bits"),
        pytest.param("361:900", "has to be even", id="odd"),
        pytest.param("720:3500,360:900", "have to rise, unlike 720:3500,360:900", id="downwards"),
        pytest.param("360:900,360:1000", "have to rise", id="twice the same"),
        pytest.param("360:900,720:900", "have to rise", id="no more bits"),
        pytest.param(
            ",".join(f"{2 * n}:{n}" for n in range(1, MAX_RUNGS + 2)), "at most", id="too many"
        ),
    ],
)
def test_ladder_that_makes_no_sense_is_refused(
    environment: pytest.MonkeyPatch, ladder: str, reason: str
) -> None:
    environment.setenv("SLUICE_TRANSCODER_LADDER", ladder)
    with pytest.raises(ConfigInvalid, match=f"^SLUICE_TRANSCODER_LADDER: .*{reason}"):
        load_config(Config)


@pytest.mark.parametrize("name", NEEDED)
def test_what_is_missing_is_named(environment: pytest.MonkeyPatch, name: str) -> None:
    environment.delenv(name)
    with pytest.raises(ConfigInvalid, match=f"{name}: missing"):
        load_config(Config)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLUICE_TRANSCODER_PRESET", "placebo"),
        ("SLUICE_TRANSCODER_CRF", "52"),
        ("SLUICE_TRANSCODER_CRF", "-1"),
        ("SLUICE_TRANSCODER_CRF", "good"),
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
