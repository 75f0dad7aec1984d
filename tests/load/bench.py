"""What every row is measured with, and how: runs side by side in rounds, in changing order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

from tests.edge.films import Signer, make_signer
from tests.load.edge_server import Surroundings
from tests.load.goals import Goal
from tests.load.meter import Reading
from tests.load.progress import Progress
from tests.load.results import Line, Round, Sample
from tests.load.servers import Server
from tests.load.viewers import TOKENS, issue_tokens
from tests.load.wrk import CONNECTIONS, Answers, Requests, find_complaint, run_wrk

RUN_EXTRA_S: Final = 0.5
"""What a run takes beyond its length."""

WARM_S: Final = 1

Measure: TypeAlias = Callable[[], Sample]
Loaded: TypeAlias = tuple[Server, Requests]


@dataclass(frozen=True, slots=True)
class Run:
    """What came of a load, and the processor time it cost the server."""

    answers: Answers
    cpu_seconds: float
    strangers: float
    complaint: str

    @property
    def rate(self) -> Sample:
        used = self.cpu_seconds
        complaint = self.complaint or ("" if used else "no processor time was used")
        return Sample(self.answers.requests / used if used else 0.0, complaint, self.strangers)

    @property
    def p99(self) -> Sample:
        return Sample(self.answers.p99_ms, self.complaint, self.strangers)


@dataclass(frozen=True, slots=True)
class Bench:
    """One benchmark: its programs, its length, and a folder that one row has for itself."""

    nginx: Path
    wrk: Path
    redis_url: str
    rounds: int
    seconds: int
    progress: Progress
    folder: Path = Path()
    signer: Signer = field(default_factory=make_signer)

    @property
    def media(self) -> Path:
        return self.folder / "media"

    @property
    def around(self) -> Surroundings:
        return Surroundings(self.media, self.signer.jwks(), self.redis_url)

    def issue_tokens(self, count: int = TOKENS, *, first: int = 0) -> Sequence[str]:
        return issue_tokens(self.signer, count, first=first)

    def compare(self, goal: Goal, edge: Measure, other: Measure | None = None) -> Line:
        """A round after the other; who begins changes, so that neither has it better."""
        rounds = []
        for number in range(self.rounds):
            self.progress.tell(f"{goal.row}: {goal.what}, round {number + 1} of {self.rounds}")
            rounds.append(_run_round(edge, other, other_first=number % 2 == 1))
            self.progress.advance((self.seconds + RUN_EXTRA_S) * (1 if other is None else 2))
        return Line(goal, tuple(rounds))

    def compare_rates(
        self, goal: Goal, edge: Loaded, other: Loaded, *, connections: int = CONNECTIONS
    ) -> Line:
        """Requests per CPU-second of two servers, which meet their requests once before."""
        for server, requests in (edge, other):
            self.warm(server, requests)
        measure = partial(self.measure_rate, connections=connections)
        return self.compare(goal, partial(measure, *edge), partial(measure, *other))

    def warm(self, server: Server, requests: Requests) -> None:
        """Have the server meet every token and every file before it is measured."""
        run_wrk(self.wrk, server.port, requests, seconds=WARM_S)
        server.find_fault()

    def load(self, server: Server, requests: Requests, *, connections: int = CONNECTIONS) -> Run:
        begin = Reading.take(server)
        answers = run_wrk(
            self.wrk, server.port, requests, seconds=self.seconds, connections=connections
        )
        end = Reading.take(server)
        complaint = find_complaint(answers, requests) or server.find_fault()
        return Run(
            answers,
            cpu_seconds=end.server_since(begin),
            strangers=end.strangers_since(begin),
            complaint=complaint and f"{server.name}: {complaint}",
        )

    def measure_rate(
        self, server: Server, requests: Requests, *, connections: int = CONNECTIONS
    ) -> Sample:
        """Requests per CPU-second."""
        return self.load(server, requests, connections=connections).rate

    def measure_p99(self, server: Server, requests: Requests, *, connections: int) -> Sample:
        """Milliseconds within which 99 of 100 answers were complete."""
        return self.load(server, requests, connections=connections).p99


def _run_round(edge: Measure, other: Measure | None, *, other_first: bool) -> Round:
    if other is None:
        return Round(edge())
    if other_first:
        others = other()
        return Round(edge(), others)
    return Round(edge(), other())
