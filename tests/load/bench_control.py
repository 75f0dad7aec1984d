"""The control plane beside itself: `make bench-control` runs this. See docs/benchmark.md."""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import django

from tests.load.bench import Bench
from tests.load.command import make_parser, parse
from tests.load.conditions import find_conditions
from tests.load.control.goals import GOALS
from tests.load.programs import ProgramMissing, find_wrk
from tests.load.progress import Progress
from tests.load.results import Line
from tests.load.servers import Server, find_port, listens, run_program
from tests.load.table import EDGE_NOTE, render_table
from tests.load.wrk import Requests, list_requests
from tests.services import remove_folder, serve_postgres, serve_redis

# What keeps one process busy and lets none wait for a connection to the database.
CONNECTIONS: Final = 4
LEAST_BYTES: Final = 400
_MANY: Final = "100000/s"


def main() -> int:
    options = parse_options(sys.argv[1:])
    try:
        wrk = find_wrk()
    except ProgramMissing as error:
        sys.stderr.write(f"{error}\n")
        return 1
    try:
        lines = measure(wrk, options)
    finally:
        remove_folder()
    told = "".join(f"{condition}\n" for condition in find_conditions())
    sys.stdout.write(f"\n{render_table(lines, EDGE_NOTE)}\n{told}")
    return 1 if any(line.complaint for line in lines) else 0


def parse_options(arguments: Sequence[str]) -> argparse.Namespace:
    return parse(make_parser(__doc__, rounds=5, seconds=3, of="a run"), arguments)


def measure(wrk: Path, options: argparse.Namespace) -> list[Line]:
    with (
        serve_postgres(),
        serve_redis() as redis_url,
        tempfile.TemporaryDirectory(prefix="bench-control-") as folder,
    ):
        bench = Bench(
            nginx=Path(),
            wrk=wrk,
            redis_url=redis_url,
            rounds=options.rounds,
            seconds=options.seconds,
            progress=Progress(sys.stderr, options.rounds * (2 * options.seconds + 1) + 20),
        )
        lines = measure_playback(replace(bench, folder=Path(folder)))
        return [*lines, *measure_lists(options.rounds)]


def measure_playback(bench: Bench) -> list[Line]:
    """Issuing a playback URL for a film that was granted, as each of several viewers."""
    video_id, tokens = prepare()
    (goal,) = GOALS
    with serve_control(bench.folder) as server:
        issuing, constant = (
            list_posts(bench, f"/api/v1/{kind}/{video_id}/playback", tokens)
            for kind in ("videos", "constants")
        )
        return [
            bench.compare_rates(
                goal, (server, issuing), (server, constant), connections=CONNECTIONS
            )
        ]


def measure_lists(rounds: int) -> list[Line]:
    """Lists of many videos beside few; once Django is set up."""
    from tests.load.control import lists

    return lists.measure_lists(rounds)


def prepare() -> tuple[str, list[str]]:
    """A database with a film and viewers: the film's id, the viewers' tokens."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"  # noqa: TID251
    os.environ["SLUICE_CONTROL_LIMIT_ANONYMOUS"] = _MANY  # noqa: TID251
    django.setup()
    # only now, since these need Django's settings
    from django.core.management import call_command

    from tests.load.control.people import make_film, make_owner, make_viewers

    call_command("migrate", verbosity=0)
    video = make_film(make_owner(), visibility="entitled")
    return str(video.pk), make_viewers(video)


def list_posts(bench: Bench, path: str, tokens: list[str]) -> Requests:
    file = bench.folder / path.split("/")[3]
    lines = (f"POST {path} {token}" for token in tokens)
    return list_requests(file, lines, size_bytes=LEAST_BYTES)


@contextmanager
def serve_control(folder: Path) -> Iterator[Server]:
    """One process of the control plane, as in production but for the limits on calls."""
    port = find_port()
    limits = {
        f"SLUICE_CONTROL_LIMIT_{name}": _MANY
        for name in ("ANONYMOUS", "AUTHENTICATED", "AUTH", "PLAYERS")
    }
    environment = {
        **os.environ,  # noqa: TID251  (what the settings of tests have put there)
        **limits,
        "DJANGO_SETTINGS_MODULE": "tests.load.control.settings",
        "SLUICE_CONTROL_PORT": str(port),
        "SLUICE_LOG_LEVEL": "WARNING",
    }
    with run_program(
        [sys.executable, "-m", "control_plane"],
        output=folder / "control.out",
        environment=environment,
        is_ready=partial(listens, port),
    ) as pid:
        yield Server("control plane", port, (pid,))


if __name__ == "__main__":
    sys.exit(main())
