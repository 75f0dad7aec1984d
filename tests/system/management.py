"""Management commands, run as an operator of the running system does."""

import subprocess
import sys

from standalone import programs
from standalone.config import Config
from standalone.deployment import Deployment, plan_deployment
from standalone.state import State
from tests.stack import ROOT, Stack

_WITHIN_S = 240


def manage(stack: Stack, *arguments: str, words: str = "") -> subprocess.CompletedProcess[str]:
    """Run `python -m control_plane.manage` with the variables of the running control plane."""
    program = programs.describe_migrate(find_deployment(stack))
    told = dict(program.environment)
    told.pop("DJANGO_SETTINGS_MODULE", None)  # that of the tests
    return subprocess.run(
        (sys.executable, "-m", "control_plane.manage", *arguments),
        cwd=ROOT,
        env=told,
        input=words,
        capture_output=True,
        text=True,
        timeout=_WITHIN_S,
        check=False,
    )


def find_deployment(stack: Stack) -> Deployment:
    """Where everything of the running system lies and listens, with its secrets."""
    config = Config(
        SLUICE_STATE=stack.state,
        SLUICE_CONTROL_PORT=int(stack.control_url.rpartition(":")[2]),
        SLUICE_EDGE_PORT=int(stack.edge_url.rpartition(":")[2]),
        DATABASE_URL=None,
        REDIS_URL=None,
    )
    return plan_deployment(config, State(stack.state))
