"""Configuration from the environment: read once at a service's entry, then passed in.

A service's `Config` is a frozen pydantic-settings class. `load_config` reports everything that
is missing or wrong at once, and refuses variables that carry the service's prefix but are none
of its settings, since a misspelt one would otherwise be passed over in silence.
"""

import os
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import AliasChoices, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

AnyConfig = TypeVar("AnyConfig", bound="ServiceConfig")


class ConfigInvalid(Exception):
    """The environment does not make a configuration; the text lists every fault."""


class ServiceConfig(BaseSettings):
    """What every service's configuration is: frozen, from the environment alone."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)


def load_config(config: type[AnyConfig]) -> AnyConfig:
    """Build a service's configuration from the process's environment; raise `ConfigInvalid`."""
    faults = _find_misspelt(config, os.environ)  # noqa: TID251  (the one reader)
    try:
        loaded = config()
    except ValidationError as error:
        faults += [_describe(config, fault) for fault in error.errors()]
    else:
        if not faults:
            return loaded
    raise ConfigInvalid("\n".join(sorted(faults)))


def variables(config: type[ServiceConfig]) -> dict[str, str]:
    """The environment variables of a configuration, by its field names."""
    prefix = str(config.model_config.get("env_prefix", ""))
    return {
        name: _alias(field.validation_alias) or f"{prefix}{name}".upper()
        for name, field in config.model_fields.items()
    }


def _alias(alias: object) -> str | None:
    if isinstance(alias, AliasChoices):
        return str(alias.choices[0])
    return alias if isinstance(alias, str) else None


def _find_misspelt(config: type[ServiceConfig], environ: Mapping[str, str]) -> list[str]:
    prefix = str(config.model_config.get("env_prefix", "")).upper()
    known = set(variables(config).values())
    return [
        f"{name}: no such setting"
        for name in environ
        if prefix and name.startswith(prefix) and name not in known
    ]


def _describe(config: type[ServiceConfig], fault: Any) -> str:
    location = str(fault["loc"][0]) if fault["loc"] else ""
    name = variables(config).get(location, location)
    return f"{name}: {'missing' if fault['type'] == 'missing' else fault['msg']}"
