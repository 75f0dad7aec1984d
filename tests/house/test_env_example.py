"""`.env.example` is what the Config classes say, and they say enough."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from shared.runtime.config import ServiceConfig
from tests.house.env_example import (
    ENV_FILE,
    SERVICES,
    SUPERVISOR,
    fields_of,
    render_example,
    render_value,
)
from tests.house.tracked_files import ROOT

CONFIGS: dict[str, type[ServiceConfig]] = {**SERVICES, "one machine": SUPERVISOR}
SETTINGS = [
    pytest.param(info, id=f"{service}: {name}")
    for service, config in CONFIGS.items()
    for name, info in fields_of(config).items()
]


def test_example_is_what_the_configurations_say() -> None:
    assert ENV_FILE.read_text() == render_example(), "run `python -m tests.house.env_example`"


def test_every_configuration_is_in_the_example() -> None:
    written = {path.parent.name for path in ROOT.glob("*/config.py")}
    assert written == {config.__module__.partition(".")[0] for config in CONFIGS.values()}


@pytest.mark.parametrize("info", SETTINGS)
def test_setting_says_what_it_means_in_one_line(info: Any) -> None:
    assert info.description
    assert "\n" not in info.description
    assert len(info.description) <= 90


@pytest.mark.parametrize("info", SETTINGS)
def test_secret_has_no_default(info: Any) -> None:
    if info.annotation is SecretStr and not info.is_required():
        assert info.default.get_secret_value() == ""


def test_services_agree_on_the_default_of_what_they_share() -> None:
    defaults = defaultdict(set)
    for config in SERVICES.values():
        for name, info in fields_of(config).items():
            defaults[name].add("none" if info.is_required() else render_value(info.default))
    assert [name for name, values in defaults.items() if len(values) > 1] == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (8000, "8000"),
        (("a", "b"), "a,b"),
        ((), ""),
        (SecretStr(""), ""),
        (Path(".state"), ".state"),
    ],
)
def test_default_is_written_as_an_operator_would(value: Any, text: str) -> None:
    assert render_value(value) == text
