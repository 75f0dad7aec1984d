"""The state folder: where each thing lies in it, and that one system at a time uses it."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from standalone.failure import StartFailed
from standalone.private_files import make_private_folder

# sun_path holds 108 bytes with its final zero (unix(7)).
_LONGEST_SOCKET_PATH: Final = 107
_LONGEST_SOCKET_NAME: Final = "/postgres/.s.PGSQL.5432"
_OTHER_FOLDER: Final = "Name a folder of its own: SLUICE_STATE=/a/new/folder make run"


@dataclass(frozen=True, slots=True)
class State:
    """The places in a state folder."""

    root: Path

    @property
    def secrets(self) -> Path:
        return self.root / "secrets"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def media(self) -> Path:
        return self.root / "media"

    @property
    def spool(self) -> Path:
        return self.root / "spool"

    @property
    def scratch(self) -> Path:
        return self.root / "scratch"

    @property
    def edge(self) -> Path:
        return self.root / "edge"

    @property
    def beat(self) -> Path:
        return self.root / "beat"

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def redis(self) -> Path:
        return self.root / "redis"

    @property
    def sockets(self) -> Path:
        """A folder, or a link to one whose path is short enough."""
        return self.root / "run"

    @property
    def demo_record(self) -> Path:
        return self.root / "demo.json"

    @property
    def announcement(self) -> Path:
        return self.root / "standalone.json"

    @property
    def lock(self) -> Path:
        return self.root / "lock"


@contextmanager
def open_state(root: Path) -> Iterator[State]:
    """Make the folder or take up the one that is there; nobody else may until the block ends."""
    state = State(root.expanduser().absolute())
    _make_root(state)
    with _lock(state):
        for folder in (
            *(state.secrets, state.logs, state.media, state.spool),
            *(state.scratch, state.edge, state.beat),
        ):
            make_private_folder(folder)
        state.announcement.unlink(missing_ok=True)
        yield state


def place_sockets(state: State, runtime_folder: Path | None) -> Path:
    """The folder for Unix sockets: in the state folder, unless its path is too long for them.

    Then it lies in the user's runtime folder or the system's temporary one, and a link in the
    state folder tells where, so that the next start finds it again.
    """
    if not state.sockets.is_symlink() and _fits(state.sockets):
        state.sockets.mkdir(exist_ok=True)
        state.sockets.chmod(_root_mode())
        return state.sockets
    if not state.sockets.exists():
        state.sockets.unlink(missing_ok=True)
        state.sockets.symlink_to(_make_short_folder(runtime_folder))
    return state.sockets.resolve()


def _make_root(state: State) -> None:
    """Its mode is changed, so it must not be a folder that serves others."""
    try:
        state.root.mkdir(parents=True, exist_ok=True)
        if any(state.root.iterdir()) and not state.lock.exists():
            raise StartFailed(f"{state.root} holds something else.", remedy=_OTHER_FOLDER)
        state.root.chmod(_root_mode())
    except OSError as error:
        fault = f"The state folder {state.root} cannot be used: {error.strerror}."
        raise StartFailed(fault, remedy=_OTHER_FOLDER) from error


def _root_mode() -> int:
    """As root, PostgreSQL's unprivileged account must be able to pass through."""
    return 0o711 if os.geteuid() == 0 else 0o700


@contextmanager
def _lock(state: State) -> Iterator[None]:
    with state.lock.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise StartFailed(
                f"{state.root} is in use by a running system (process {file.read().strip()}).",
                remedy="Stop that one, or start this one on its own folder and ports:\n"
                "SLUICE_STATE=.state2 SLUICE_CONTROL_PORT=8001 SLUICE_EDGE_PORT=8081 make run",
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _fits(folder: Path) -> bool:
    return len(os.fsencode(f"{folder}{_LONGEST_SOCKET_NAME}")) <= _LONGEST_SOCKET_PATH


def _make_short_folder(runtime_folder: Path | None) -> Path:
    # Nobody but root may enter root's runtime folder, so PostgreSQL's account could not.
    usable = runtime_folder and os.geteuid() != 0 and runtime_folder.is_dir()
    parent = runtime_folder if usable else Path(tempfile.gettempdir())
    folder = Path(tempfile.mkdtemp(prefix="sluice-", dir=parent))
    folder.chmod(_root_mode())
    return folder
