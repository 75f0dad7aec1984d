"""nginx, alone and with Django, really does what the benchmark says of it."""

from pathlib import Path

import pytest

from tests.edge.films import ASSET_ID, make_signer
from tests.load.connections import AnswerBad, ask_in_turn
from tests.load.opponents.django import serve_nginx_asking_django
from tests.load.opponents.nginx import serve_nginx
from tests.load.programs import find_nginx
from tests.load.shelf import name_file, put_asset

FILE = f"{ASSET_ID}/{name_file(2_000)}"


@pytest.fixture
def media(tmp_path: Path) -> Path:
    put_asset(tmp_path / "media", ASSET_ID, {name_file(2_000): 2_000})
    return tmp_path / "media"


def test_nginx_sends_files_to_anybody(tmp_path: Path, media: Path) -> None:
    with serve_nginx(find_nginx(), tmp_path, media) as nginx:
        ask_in_turn(nginx.port, [f"/open/{FILE}?token=anything", f"/open/{FILE}"])
        with pytest.raises(AnswerBad, match="404"):
            ask_in_turn(nginx.port, [f"/open/{ASSET_ID}/nothing"])
        assert nginx.find_fault() == ""


def test_nginx_sends_what_django_allows(tmp_path: Path, media: Path) -> None:
    signer, stranger = make_signer(), make_signer()
    with serve_nginx_asking_django(find_nginx(), tmp_path, media, signer.jwks()) as both:
        ask_in_turn(both.port, [f"/asked/{FILE}?token={signer.issue()}"] * 2)
        with pytest.raises(AnswerBad, match="403"):
            ask_in_turn(both.port, [f"/asked/{FILE}?token={stranger.issue()}"])
        assert len(both.pids) == 2
