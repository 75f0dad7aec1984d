"""The services' processes: the commands and variables that production uses too."""

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from standalone.deployment import ADMIN_EMAIL, Deployment
from standalone.processes import Program

ROOT: Final = Path(__file__).resolve().parent.parent
MOST_EDGE_WORKERS: Final = 4

_HOST: Final = "127.0.0.1"
# Whoever presses Ctrl-C does not wait for players to finish.
_DRAIN_S: Final = "3"


def describe_migrate(deployment: Deployment) -> Program:
    return _describe_command(deployment, "migrate", "--no-input")


def describe_ensure_admin(deployment: Deployment) -> Program:
    """The password travels on standard input, where no list of processes shows it."""
    password = deployment.credentials.admin_password
    return _describe_command(deployment, "ensure_admin", "--email", ADMIN_EMAIL, words=password)


def describe_ensure_edge_role(deployment: Deployment) -> Program:
    """Likewise the password by which edges read what is revoked."""
    password = deployment.credentials.postgres_edge_password
    return _describe_command(deployment, "ensure_edge_role", words=password)


def describe_control(deployment: Deployment) -> Program:
    return _describe(deployment, "control", "control_plane", environment=_control(deployment))


def describe_workers(deployment: Deployment) -> Sequence[Program]:
    """The control queue's worker, the schedule, and the transcoders."""
    others = range(2, deployment.config.transcoders + 1)
    return (
        _describe_control_worker(deployment),
        _describe_beat(deployment),
        _describe_transcoder(deployment, "transcoder"),
        *(_describe_transcoder(deployment, f"transcoder-{number}") for number in others),
    )


def describe_edge(deployment: Deployment) -> Program:
    """The edge, with a worker for each core."""
    config = deployment.config
    return _describe(
        deployment,
        "edge",
        "edge",
        environment={
            "SLUICE_MEDIA_STORE": str(deployment.state.media),
            "SLUICE_ISSUER": config.control_url,
            "REDIS_URL": deployment.redis_url,
            "SLUICE_EDGE_DATABASE_URL": deployment.edge_database_url,
            "SLUICE_EDGE_HOST": _HOST,
            "SLUICE_EDGE_PORT": str(config.edge_port),
            "SLUICE_EDGE_WORKERS": str(min(len(os.sched_getaffinity(0)), MOST_EDGE_WORKERS)),
            "SLUICE_EDGE_INTERNAL": f"unix:{deployment.edge_socket}",
            "SLUICE_EDGE_JWKS_URL": deployment.jwks_url,
            "SLUICE_EDGE_KEYS_FILE": str(deployment.state.edge / "keys.json"),
            "SLUICE_EDGE_DRAIN_S": _DRAIN_S,
        },
    )


def _describe_control_worker(deployment: Deployment) -> Program:
    return _describe(
        deployment,
        "control-worker",
        *("celery", "-A", "control_plane.celery_app", "worker", "-Q", "control"),
        *("--pool", "threads", "--concurrency", "2", "--without-gossip", "--without-mingle"),
        *("-n", "control@%h"),
        environment=_control(deployment),
        death_signal=signal.SIGKILL,
    )


def _describe_beat(deployment: Deployment) -> Program:
    return _describe(
        deployment,
        "beat",
        *("celery", "-A", "control_plane.celery_app", "beat"),
        *("-s", str(deployment.state.beat / "schedule"), "--pidfile", ""),
        environment=_control(deployment),
        death_signal=signal.SIGKILL,
    )


def _describe_transcoder(deployment: Deployment, name: str) -> Program:
    """Asked to stop, it gives the chunk under way up; the next start makes another attempt."""
    return _describe(
        deployment,
        name,
        *("celery", "-A", "transcoder.celery_app", "worker", "-Q", "transcode"),
        *("--without-gossip", "--without-mingle", "-n", f"{name}@%h"),
        environment={
            "REDIS_URL": deployment.redis_url,
            "SLUICE_MEDIA_STORE": str(deployment.state.media),
            "SLUICE_TRANSCODER_SCRATCH": str(deployment.state.scratch),
        },
        death_signal=signal.SIGKILL,
    )


def _describe_command(deployment: Deployment, name: str, *options: str, words: str = "") -> Program:
    """A Django command, which runs to its end."""
    return _describe(
        deployment,
        name,
        *("control_plane.manage", name, *options),
        environment=_control(deployment),
        words=words,
    )


def _control(deployment: Deployment) -> Mapping[str, str]:
    config, credentials, state = deployment.config, deployment.credentials, deployment.state
    return {
        "DATABASE_URL": deployment.database_url,
        "REDIS_URL": deployment.redis_url,
        "SLUICE_MEDIA_STORE": str(state.media),
        "SLUICE_ISSUER": config.control_url,
        "SLUICE_CONTROL_HOST": _HOST,
        "SLUICE_CONTROL_PORT": str(config.control_port),
        "SLUICE_CONTROL_URL": config.control_url,
        "SLUICE_CONTROL_EDGE_URL": config.edge_url,
        "SLUICE_CONTROL_SECRET_KEY": credentials.django_secret_key,
        "SLUICE_CONTROL_KEK": credentials.kek,
        "SLUICE_CONTROL_JWT_PRIVATE_KEY": credentials.jwt_private_key,
        "SLUICE_CONTROL_ALLOWED_HOSTS": f"{_HOST},localhost",
        "SLUICE_CONTROL_SPOOL": str(state.spool),
    }


def _describe(
    deployment: Deployment,
    name: str,
    *module: str,
    environment: Mapping[str, str],
    death_signal: signal.Signals = signal.SIGTERM,
    words: str = "",
) -> Program:
    return Program(
        name=name,
        command=(sys.executable, "-m", *module),
        environment={**os.environ, **environment},  # noqa: TID251  (handed on, not read)
        folder=ROOT,
        log=deployment.state.logs / f"{name}.log",
        death_signal=death_signal,
        words=words,
    )
