"""The edge under measurement is a real one, with all that costs it time."""

import json
from pathlib import Path

import pytest

from shared.paths import media_path
from tests.edge.films import ASSET_ID, make_signer
from tests.load.connections import AnswerBad, ask_in_turn
from tests.load.edge_server import MetricMissing, Surroundings, count_lost_lines, serve_edge
from tests.load.servers import ServerNotStarted
from tests.load.shelf import name_file, put_asset

LOST = "sluice_edge_access_log_lost_total"


@pytest.fixture
def media(tmp_path: Path) -> Path:
    put_asset(tmp_path / "media", ASSET_ID, {name_file(2_000): 2_000})
    return tmp_path / "media"


def test_it_judges_counts_and_logs(tmp_path: Path, media: Path, redis_url: str) -> None:
    signer = make_signer()
    good, bad = (
        media_path(token, ASSET_ID, name_file(2_000))
        for token in (signer.issue(session_id="seen"), make_signer().issue())
    )
    with serve_edge(tmp_path, Surroundings(media, signer.jwks(), redis_url)) as edge:
        ask_in_turn(edge.port, [good, good])
        with pytest.raises(AnswerBad, match="403"):
            ask_in_turn(edge.port, [bad])
        assert edge.cpu_seconds() > 0
        assert edge.find_fault() == ""
    (log,) = tmp_path.glob("edge-*/edge.out")
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["sid"] for line in lines if line.get("status") == 200] == ["seen", "seen"]
    assert [line["status"] for line in lines if "status" in line] == [200, 200, 403]


def test_two_workers_are_one_server(tmp_path: Path, media: Path, redis_url: str) -> None:
    around = Surroundings(media, make_signer().jwks(), redis_url)
    with (
        serve_edge(tmp_path, around) as one,
        serve_edge(tmp_path, around, workers=2) as two,
    ):
        assert two.held_bytes() > one.held_bytes()
        assert two.find_fault() == one.find_fault() == ""


def test_an_edge_that_cannot_begin_says_why(tmp_path: Path, media: Path, redis_url: str) -> None:
    around = Surroundings(media, make_signer().jwks(), redis_url)
    with (
        pytest.raises(ServerNotStarted, match="SLUICE_EDGE_COLOUR: no such setting"),
        serve_edge(tmp_path, around, {"SLUICE_EDGE_COLOUR": "red"}),
    ):
        pass


def test_lost_lines_are_those_of_all_workers() -> None:
    metrics = f'# TYPE {LOST} counter\n{LOST}{{worker="1"}} 3.0\n{LOST}{{worker="2"}} 4.0\n'
    assert count_lost_lines(metrics) == 7


def test_an_edge_that_does_not_count_lost_lines_is_not_believed() -> None:
    with pytest.raises(MetricMissing, match=LOST):
        count_lost_lines("sluice_edge_requests_total 3.0\n")
