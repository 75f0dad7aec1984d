"""Where the time of a request goes: `python -m tests.load.profile_edge [bytes of the file]`.

One worker runs under cProfile and gets the benchmark's load. What is listed was called for every
request; the profiler makes calls dearer than they are, so the order tells more than the figures.
"""

import os
import pstats
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from shared.paths import media_path
from tests.edge.films import ASSET_ID, make_signer
from tests.load.edge_server import Surroundings, describe_environment
from tests.load.programs import ProgramMissing, find_wrk
from tests.load.servers import find_port, listens, run_program
from tests.load.shelf import name_file, put_asset
from tests.load.viewers import issue_tokens
from tests.load.wrk import Answers, list_requests, run_wrk
from tests.services import remove_folder, serve_redis

SECONDS: Final = 5
SHOWN: Final = 30
OFTEN: Final = 0.9
DEFAULT_BYTES: Final = 2_000


def main() -> int:
    size = int(sys.argv[1]) if sys.argv[1:] else DEFAULT_BYTES
    try:
        wrk = find_wrk()
        with serve_redis() as redis_url, tempfile.TemporaryDirectory(prefix="profile-") as folder:
            answers, stats = _profile(wrk, Path(folder), size, redis_url)
            sys.stdout.write("\n".join(render_profile(stats, answers.requests)) + "\n")
    except ProgramMissing as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        remove_folder()
    return 0


def _profile(wrk: Path, folder: Path, size: int, redis_url: str) -> tuple[Answers, pstats.Stats]:
    signer = make_signer()
    around = Surroundings(folder / "media", signer.jwks(), redis_url)
    put_asset(around.media, ASSET_ID, {name_file(size): size})
    paths = [media_path(token, ASSET_ID, name_file(size)) for token in issue_tokens(signer)]
    requests = list_requests(folder / "paths", paths, size_bytes=size)
    port, profile = find_port(), folder / "profile"
    python = [sys.executable, "-m", "cProfile", "-o", str(profile)]
    with run_program(
        [*python, "-m", "edge.worker", "1", str(os.getpid())],
        output=folder / "edge.out",
        environment=describe_environment(folder, around, port),
        is_ready=partial(listens, port),
    ):
        answers = run_wrk(wrk, port, requests, seconds=SECONDS)
    return answers, pstats.Stats(str(profile))


def render_profile(stats: pstats.Stats, requests: int) -> Iterator[str]:
    """The dearest functions of those that were called for nine requests in ten, or more."""
    yield f"{requests:,} requests; microseconds and calls for each, without what was called in turn"
    often = [
        (seconds, calls, function)
        for function, (_, calls, seconds, _, _) in vars(stats)["stats"].items()  # untyped
        if calls >= requests * OFTEN
    ]
    for seconds, calls, (file, line, name) in sorted(often, reverse=True)[:SHOWN]:
        place = "/".join(Path(file).parts[-2:]) + f":{line}" if line else ""
        yield f"{seconds / requests * 1e6:8.2f} {calls / requests:6.2f}  {name}  {place}".rstrip()


if __name__ == "__main__":
    sys.exit(main())
