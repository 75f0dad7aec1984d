"""What wrk is told, what it says, and when that is worth nothing."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.load.programs import find_wrk
from tests.load.wrk import Answers, WrkFailed, find_complaint, list_requests, parse_answers, run_wrk

GOOD = Answers(requests=10, bytes=20_900, p50_ms=1.5, p99_ms=4.25, bad=0)
SAID = '{"requests": 10, "bytes": 20900, "p50_ms": 1.500, "p99_ms": 4.250, "bad": 0}'


class Recorder(BaseHTTPRequestHandler):
    """Answers with five bytes, or 403 where the path says so, and keeps what was asked for."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(403 if self.path.startswith("/bad") else 200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"bytes")

    def log_message(self, *_: object) -> None:
        """Nothing: the test's output is no log."""


class Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """wrk leaves when its time is over."""


@pytest.fixture
def server() -> Iterator[Server]:
    Recorder.asked = []
    with Server(("127.0.0.1", 0), Recorder) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_the_last_line_is_what_came_of_it() -> None:
    assert parse_answers(f"Running 2s test\n  1 threads\n{SAID}\n") == GOOD


@pytest.mark.parametrize(
    "output",
    ["", "unable to connect to 127.0.0.1:9 Connection refused\n", f"{SAID}\nboom\n"],
    ids=["nothing", "no server", "something after it"],
)
def test_other_words_of_wrk_are_a_failure(output: str) -> None:
    with pytest.raises(WrkFailed, match="wrk said"):
        parse_answers(output)


@pytest.mark.parametrize(
    ("answers", "complaint"),
    [
        (GOOD, ""),
        (Answers(0, 0, 0, 0, 0), "no answer came"),
        (Answers(10, 20_900, 1, 1, 3), "3 of 10 answers were bad or missing"),
        (Answers(10, 19_999, 1, 1, 0), "10 answers had only 19999 bytes"),
    ],
    ids=["all good", "none", "some bad", "some short"],
)
def test_a_run_is_spoilt_by_anything_but_whole_good_answers(
    tmp_path: Path, answers: Answers, complaint: str
) -> None:
    requests = list_requests(tmp_path / "list", ["/a"], size_bytes=2_000)
    assert find_complaint(answers, requests) == complaint


def test_a_list_that_is_asked_for_once_is_asked_for_in_order(
    tmp_path: Path, server: Server
) -> None:
    paths = [f"/{number}" for number in range(300)]
    requests = list_requests(tmp_path / "list", paths, size_bytes=5, once=True)
    answers = run_wrk(find_wrk(), server.server_port, requests, seconds=1, connections=1)
    assert Recorder.asked[: len(paths)] == paths
    assert len(Recorder.asked) <= len(paths) + 1  # one more may be on its way already
    assert find_complaint(answers, requests) == ""


def test_another_list_begins_again_and_again(tmp_path: Path, server: Server) -> None:
    requests = list_requests(tmp_path / "list", ["/a", "/b"], size_bytes=5)
    run_wrk(find_wrk(), server.server_port, requests, seconds=1, connections=1)
    assert Recorder.asked[:6] == ["/a", "/b"] * 3


def test_a_refused_request_is_a_bad_answer(tmp_path: Path, server: Server) -> None:
    requests = list_requests(tmp_path / "list", ["/a", "/bad"], size_bytes=5)
    answers = run_wrk(find_wrk(), server.server_port, requests, seconds=1, connections=1)
    assert 0 < answers.bad < answers.requests


def test_a_server_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    requests = list_requests(tmp_path / "list", ["/a"], size_bytes=5)
    with pytest.raises(WrkFailed, match="unable to connect"):
        run_wrk(find_wrk(), 9, requests, seconds=1)
