"""Configuration: read from the environment alone, and every fault told at once."""

from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import SettingsConfigDict

from shared.runtime.config import (
    CommaList,
    ConfigInvalid,
    LogLevel,
    NetworkList,
    ServiceConfig,
    load_config,
    variables,
)


class Config(ServiceConfig):
    """A service's configuration with every sort of setting."""

    model_config = SettingsConfigDict(env_prefix="SLUICE_PROBE_")

    store: Path = Field(validation_alias="SLUICE_PROBE_MEDIA")
    redis_url: SecretStr = Field(validation_alias="PROBE_REDIS_URL")
    port: int = Field(8000, ge=1, le=65535)
    log_level: LogLevel = "INFO"
    hosts: CommaList = ("localhost",)
    proxies: NetworkList = ()
    sizes: tuple[int, ...] = ()


GOOD = {"SLUICE_PROBE_MEDIA": "/media", "PROBE_REDIS_URL": "redis://:hunter2@h"}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def faults() -> list[str]:
    with pytest.raises(ConfigInvalid) as refusal:
        load_config(Config)
    return str(refusal.value).splitlines()


def test_configuration_is_read_from_the_environment(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SLUICE_PROBE_PORT", "9000")
    config = load_config(Config)
    assert (config.store, config.port, config.log_level) == (Path("/media"), 9000, "INFO")
    assert config.redis_url.get_secret_value() == "redis://:hunter2@h"


def test_configuration_cannot_be_changed() -> None:
    config = load_config(Config)
    with pytest.raises(ValidationError):
        config.port = 1  # type: ignore[misc]


def test_secrets_are_not_in_its_text() -> None:
    assert "hunter2" not in repr(load_config(Config))


def test_every_fault_is_told_at_once(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("SLUICE_PROBE_MEDIA")
    environment.delenv("PROBE_REDIS_URL")
    environment.setenv("SLUICE_PROBE_PORT", "99999")
    environment.setenv("SLUICE_PROBE_LOG_LEVEL", "LOUD")
    environment.setenv("SLUICE_PROBE_PROT", "9000")
    assert [fault.partition(":")[0] for fault in faults()] == [
        "PROBE_REDIS_URL",
        "SLUICE_PROBE_LOG_LEVEL",
        "SLUICE_PROBE_MEDIA",
        "SLUICE_PROBE_PORT",
        "SLUICE_PROBE_PROT",
    ]


def test_missing_variable_is_named(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("SLUICE_PROBE_MEDIA")
    assert faults() == ["SLUICE_PROBE_MEDIA: missing"]


def test_empty_variable_is_a_missing_one(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SLUICE_PROBE_MEDIA", "")
    assert faults() == ["SLUICE_PROBE_MEDIA: missing"]


def test_empty_variable_leaves_the_default(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SLUICE_PROBE_PORT", "")
    assert load_config(Config).port == 8000


@pytest.mark.parametrize("name", ["SLUICE_PROBE_PROT", "sluice_probe_prot", "SLUICE_PROBE_STORE"])
def test_misspelt_variable_is_refused(environment: pytest.MonkeyPatch, name: str) -> None:
    environment.setenv(name, "1")
    assert faults() == [f"{name}: no such setting"]


def test_variables_of_other_services_are_not_ours(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SLUICE_OTHER_PORT", "1")
    environment.setenv("SLUICE_PROB", "1")
    load_config(Config)


def test_value_is_not_repeated_in_a_fault(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SLUICE_PROBE_PORT", "hunter2")
    assert "hunter2" not in faults()[0]


def test_list_of_no_json_is_a_fault_and_no_crash(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SLUICE_PROBE_SIZES", "1,2")
    assert faults() == ['error parsing value for field "sizes" from source "EnvSettingsSource"']


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("a.example", ("a.example",)),
        ("a.example,b.example", ("a.example", "b.example")),
        (" a.example , b.example ,", ("a.example", "b.example")),
        (",", ()),
    ],
)
def test_list_is_split_at_commas(
    environment: pytest.MonkeyPatch, text: str, hosts: tuple[str, ...]
) -> None:
    environment.setenv("SLUICE_PROBE_HOSTS", text)
    assert load_config(Config).hosts == hosts


def test_networks_are_read(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SLUICE_PROBE_PROXIES", "10.0.0.0/8, 2001:db8::/32, 192.0.2.7")
    assert load_config(Config).proxies == (
        ip_network("10.0.0.0/8"),
        ip_network("2001:db8::/32"),
        ip_network("192.0.2.7"),
    )


@pytest.mark.parametrize("text", ["10.0.0.1/8", "localhost", "10.0.0.0/33", "*"])
def test_other_text_is_no_network(environment: pytest.MonkeyPatch, text: str) -> None:
    environment.setenv("SLUICE_PROBE_PROXIES", text)
    assert all(fault.startswith("SLUICE_PROBE_PROXIES: ") for fault in faults())


def test_variables_are_named_by_prefix_or_alias() -> None:
    named = variables(Config)
    assert named["port"] == "SLUICE_PROBE_PORT"
    assert named["store"] == "SLUICE_PROBE_MEDIA"
    assert named["redis_url"] == "PROBE_REDIS_URL"


class Unprefixed(ServiceConfig):
    """A configuration whose variables all carry names of their own."""

    state: Path = Field(Path(".state"), validation_alias="PROBE_STATE")


def test_configuration_without_prefix_refuses_no_stranger(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PROBE_STAT", "/x")
    assert load_config(Unprefixed).state == Path(".state")


class Impossible(ServiceConfig):
    """A configuration that no single setting spoils."""

    low: int = 2
    high: int = 1

    def model_post_init(self, _context: object) -> None:
        if self.low > self.high:
            raise ValueError("low above high")


def test_fault_of_the_whole_is_told() -> None:
    with pytest.raises(ConfigInvalid, match="low above high"):
        load_config(Impossible)
