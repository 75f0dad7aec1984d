"""docker-compose.yml as Compose reads it, with a complete .env."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

ROOT: Final = Path(__file__).parents[2]
COMPOSE_FILE: Final = ROOT / "docker-compose.yml"

# `${NAME}`, `${NAME:-default}` and `${NAME:?message}`; `$$` is a dollar.
_VARIABLE: Final = re.compile(
    r"\$(?:(?P<dollar>\$)|\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\})"
)


@cache
def make_env() -> Mapping[str, str]:
    """What an operator has to write into .env, and nothing that has a default."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return {
        "SLUICE_POSTGRES_PASSWORD": "p" * 32,
        "SLUICE_POSTGRES_EDGE_PASSWORD": "e" * 32,
        "SLUICE_REDIS_PASSWORD": "r" * 32,
        "SLUICE_NGINX_CONTROL_NAME": "films.example.org",
        "SLUICE_NGINX_EDGE_NAME": "media.example.org",
        "SLUICE_NGINX_TLS": "./tls",
        "SLUICE_CONTROL_SECRET_KEY": "s" * 64,
        "SLUICE_CONTROL_KEK": Fernet.generate_key().decode(),
        "SLUICE_CONTROL_JWT_PRIVATE_KEY": pem,
    }


def read_services(env: Mapping[str, str]) -> dict[str, Any]:
    """The services with the variables filled in; one without a value is handed on."""
    services: dict[str, Any] = _fill(yaml.safe_load(COMPOSE_FILE.read_text())["services"], env)
    for service in services.values():
        service["environment"] = {
            name: env.get(name) if value is None else value
            for name, value in service.get("environment", {}).items()
        }
    return services


def _fill(node: Any, env: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        return {name: _fill(child, env) for name, child in node.items()}
    if isinstance(node, list):
        return [_fill(child, env) for child in node]
    return _VARIABLE.sub(lambda found: _read(found, env), node) if isinstance(node, str) else node


def _read(found: re.Match[str], env: Mapping[str, str]) -> str:
    if found["dollar"]:
        return "$"
    if found["kind"] == "-":
        return env.get(found["name"]) or found["rest"]
    return env[found["name"]]
