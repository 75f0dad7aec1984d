"""Writes `.env.example` from the Config classes: each variable, its default, its meaning.

Run `python -m tests.house.env_example` after a change of a setting.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr
from pydantic.fields import FieldInfo

import control_plane.config
import edge.config
import standalone.config
import transcoder.config
from shared.runtime.config import ServiceConfig, variables

ENV_FILE: Final = Path(__file__).parents[2] / ".env.example"

SERVICES: Final[Mapping[str, type[ServiceConfig]]] = {
    "control plane": control_plane.config.Config,
    "edge": edge.config.Config,
    "transcoder": transcoder.config.Config,
}
SUPERVISOR: Final = standalone.config.Config

_HEAD: Final = """\
# Every setting of Sluice, with its default. Those without a # have none: the service does not start
# without them (`make run` makes them all). What docker-compose.yml asks for besides is told in
# docs/operations.md. Written by `python -m tests.house.env_example`."""


def fields_of(config: type[ServiceConfig]) -> dict[str, FieldInfo]:
    """The fields of a configuration by their variables."""
    names = variables(config)
    return {names[field]: info for field, info in config.model_fields.items()}


def render_example() -> str:
    """The whole of `.env.example`."""
    users = _list_users()
    several = {name for name, services in users.items() if len(services) > 1}
    parts = [_HEAD, *_render_section("several services", _collect(several), users)]
    for service, config in SERVICES.items():
        own = {name: info for name, info in fields_of(config).items() if name not in several}
        parts += _render_section(service, own, {})
    machine = {name: i for name, i in fields_of(SUPERVISOR).items() if name not in users}
    parts += _render_section("one machine, `make run`", machine, {})
    return "\n".join(parts) + "\n"


def _list_users() -> dict[str, list[str]]:
    """Which services read a variable."""
    users: dict[str, list[str]] = {}
    for service, config in SERVICES.items():
        for name in fields_of(config):
            users.setdefault(name, []).append(service)
    return users


def _collect(names: Iterable[str]) -> dict[str, FieldInfo]:
    """Fields of several services, as the first of them describes them."""
    found: dict[str, FieldInfo] = {}
    for config in SERVICES.values():
        for name, info in fields_of(config).items():
            if name in names:
                found.setdefault(name, info)
    return found


def _render_section(
    title: str, fields: Mapping[str, FieldInfo], users: Mapping[str, list[str]]
) -> Iterator[str]:
    yield f"\n# --- {title} ---\n"
    for name, info in fields.items():
        readers = f" ({', '.join(users[name])})" if name in users else ""
        yield f"# {(info.description or '').removesuffix('.')}{readers}"
        yield f"{name}=" if info.is_required() else f"#{name}={render_value(info.default)}"


def render_value(value: Any) -> str:
    """A default as an operator would write it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


if __name__ == "__main__":
    ENV_FILE.write_text(render_example())
