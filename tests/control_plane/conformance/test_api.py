"""Every operation as each role: nothing fails, and nothing is answered that is not described."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from allauth.account.models import EmailAddress

from control_plane.accounts.models import Role
from tests.control_plane.accounts.journeys import Tokens, log_in
from tests.control_plane.accounts.second_steps import set_up_app
from tests.control_plane.conftest import MakeUser, MakeVideo
from tests.control_plane.serving import run_module
from tests.load.servers import listens
from tests.waiting import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

CONFIG: Final = Path(__file__).with_name("schemathesis.toml")
SECONDS: Final = os.environ.get("SLUICE_TESTS_CONFORMANCE_S", "10")  # noqa: TID251  (asked of a test)
# What takes the login away that the others are tried with; they are tried without one.
ENDS_LOGIN: Final = r"^/api/v1/((browser/)?(auth|account)/|tokens/|users/|me$)"
SECOND_FACTORS: Final = r"^/api/v1/(auth/(2fa|webauthn)|account/authenticators)"
ROLES: Final = [None, Role.VIEWER, Role.CREATOR, Role.ADMIN]


@pytest.fixture
def url(make_user: MakeUser, make_video: MakeVideo) -> Iterator[str]:
    """A running control plane with a film in it."""
    make_video(make_user(Role.CREATOR), visibility="public")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    limits = {
        f"SLUICE_CONTROL_LIMIT_{name}": "100000/s"
        for name in ("ANONYMOUS", "AUTHENTICATED", "AUTH", "PLAYERS")
    }
    with run_module(
        "control_plane", SLUICE_CONTROL_PORT=str(port), SLUICE_LOG_LEVEL="ERROR", **limits
    ):
        wait_for(lambda: listens(port), what="the control plane", within_s=60)
        yield f"http://127.0.0.1:{port}/api/v1/openapi.json"


def authenticate(role: Role, make_user: MakeUser) -> Tokens:
    user = make_user(role, email=f"{role.value}@example.org")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return log_in(user.email)


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.value if role else "visitor")
def test_the_api_is_as_it_is_described(
    role: Role | None, url: str, make_user: MakeUser, tmp_path: Path
) -> None:
    as_whom = []
    if role is not None:
        token = authenticate(role, make_user).access
        as_whom = ["-H", f"Authorization: Bearer {token}", "--exclude-path-regex", ENDS_LOGIN]
    fuzz(url, tmp_path, *as_whom)


def test_second_factors_are_as_they_are_described(
    url: str, make_user: MakeUser, tmp_path: Path
) -> None:
    tokens = authenticate(Role.VIEWER, make_user)
    set_up_app(tokens)
    bearer = f"Authorization: Bearer {tokens.access}"
    fuzz(url, tmp_path, "-H", bearer, "--include-path-regex", SECOND_FACTORS)


def fuzz(url: str, folder: Path, *options: str) -> None:
    """Have Schemathesis call the API; nothing may be amiss."""
    finished = subprocess.run(
        [
            *(Path(sys.executable).with_name("schemathesis"), "--config-file", CONFIG, "run", url),
            *("--phases", "examples,coverage,fuzzing,stateful"),
            *("--generation-allow-x00", "false", "--max-time", SECONDS, "--no-color"),
            *("--continue-on-failure", "--warnings", "off", *options),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout[-20_000:]
