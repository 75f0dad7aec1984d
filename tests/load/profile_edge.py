"""Where the time of a request goes: `python -m tests.load.profile_edge`.

One worker runs under cProfile and gets the benchmark's load. The profiler makes calls dearer than
they are, so the order tells more than the figures.
"""

import argparse
import os
import pstats
import sys
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from shared.paths import media_path
from tests.edge.films import ASSET_ID, make_signer
from tests.load.edge_server import Surroundings, describe_environment
from tests.load.programs import ProgramMissing, find_wrk
from tests.load.rows.tokens import EVERY, REQUESTS, mix_tokens
from tests.load.servers import find_port, listens, run_program
from tests.load.shelf import name_file, put_asset
from tests.load.viewers import TOKENS, issue_tokens
from tests.load.wrk import Answers, list_requests, run_wrk
from tests.services import remove_folder, serve_redis

SECONDS: Final = 5
SHOWN: Final = 40
OFTEN: Final = 0.05
"""What is called for fewer requests has to do with the start."""


def main() -> int:
    options = _parse_options()
    try:
        wrk = find_wrk()
        with serve_redis() as redis_url, tempfile.TemporaryDirectory(prefix="profile-") as folder:
            answers, stats = _profile(wrk, Path(folder), redis_url, options)
            sys.stdout.write("\n".join(render_profile(stats, answers.requests)) + "\n")
    except ProgramMissing as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        remove_folder()
    return 0


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bytes", type=int, default=2_000, help="size of the file asked for")
    parser.add_argument("--new", action="store_true", help="a new token at every tenth request")
    return parser.parse_args()


def _profile(
    wrk: Path, folder: Path, redis_url: str, options: argparse.Namespace
) -> tuple[Answers, pstats.Stats]:
    signer, size = make_signer(), options.bytes
    around = Surroundings(folder / "media", signer.jwks(), redis_url)
    put_asset(around.media, ASSET_ID, {name_file(size): size})
    tokens: Sequence[str] = issue_tokens(signer)
    if options.new:
        tokens = mix_tokens(tokens, issue_tokens(signer, REQUESTS // EVERY, first=TOKENS))
    requests = list_requests(
        folder / "paths",
        [media_path(token, ASSET_ID, name_file(size)) for token in tokens],
        size_bytes=size,
        once=options.new,
    )
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
    """The dearest functions of those that were called often."""
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
