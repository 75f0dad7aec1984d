"""Configuration from the environment: read once at a service's entry, then passed in.

A service's `Config` is a frozen pydantic-settings class. `load_config` reports everything that
is missing or wrong at once, without the values, and refuses variables that carry the service's
prefix but are none of its settings, since a misspelt one would otherwise be passed over in silence.
"""

import os
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

from pydantic import BeforeValidator, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

AnyConfig = TypeVar("AnyConfig", bound="ServiceConfig")


def split_commas(text: Any) -> Any:
    """For a `BeforeValidator`, beside `NoDecode`: `a, b` as a tuple."""
    if not isinstance(text, str):
        return text
    return tuple(part for part in map(str.strip, text.split(",")) if part)


CommaList: TypeAlias = Annotated[tuple[str, ...], NoDecode, BeforeValidator(split_commas)]
Network: TypeAlias = IPv4Network | IPv6Network
NetworkList: TypeAlias = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(split_commas)]
LogLevel: TypeAlias = Literal["DEBUG", "INFO", "WARNING", "ERROR"]


class ConfigInvalid(Exception):
    """The environment does not make a configuration; the text lists every fault."""


class ServiceConfig(BaseSettings):
    """What every service's configuration is: frozen, from the environment alone."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )


def load_config(config: type[AnyConfig]) -> AnyConfig:
    """Build a service's configuration from the process's environment; raise `ConfigInvalid`."""
    faults = _find_misspelt(config, os.environ)  # noqa: TID251  (the one reader)
    try:
        loaded = config()
    except ValidationError as error:
        faults += [_describe(config, fault) for fault in error.errors(include_input=False)]
    except SettingsError as error:
        faults.append(str(error))
    else:
        if not faults:
            return loaded
    raise ConfigInvalid("\n".join(sorted(faults)))


def variables(config: type[ServiceConfig]) -> dict[str, str]:
    """The environment variables of a configuration, by its field names."""
    prefix = str(config.model_config.get("env_prefix", ""))
    return {
        name: str(field.validation_alias or f"{prefix}{name}".upper())
        for name, field in config.model_fields.items()
    }


def _find_misspelt(config: type[ServiceConfig], environ: Mapping[str, str]) -> list[str]:
    """Upper or lower case, as pydantic-settings reads them."""
    prefix = str(config.model_config.get("env_prefix", "")).upper()
    known = set(variables(config).values())
    return [
        f"{name}: no such setting"
        for name in environ
        if prefix and name.upper().startswith(prefix) and name.upper() not in known
    ]


def _describe(config: type[ServiceConfig], fault: Any) -> str:
    field, *within = map(str, fault["loc"] or [""])
    name = variables(config).get(field, field)
    place = f"{'.'.join(within)}: " if within else ""
    return f"{name}: {place}{'missing' if fault['type'] == 'missing' else fault['msg']}"
