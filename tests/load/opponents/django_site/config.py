"""What the site is told: whose tokens to believe."""

from pathlib import Path

from pydantic_settings import SettingsConfigDict

from shared.runtime.config import ServiceConfig


class Config(ServiceConfig):
    """From the environment of gunicorn."""

    model_config = SettingsConfigDict(env_prefix="BENCH_DJANGO_")

    keys_file: Path
    issuer: str
