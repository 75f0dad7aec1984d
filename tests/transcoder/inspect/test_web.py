"""Packages behind URLs: what is read, where it ends, and what nobody is told."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from shared.hls.media import ByteRange
from transcoder.inspect import sources
from transcoder.inspect.__main__ import main
from transcoder.inspect.package import inspect_place
from transcoder.inspect.sources import SourceUnreadable
from transcoder.inspect.web_source import WebSource

TOKEN = "eyJhbGciOi.secret.token"


class Handler(SimpleHTTPRequestHandler):
    """Files, without byte ranges; and redirects, by the first part of a path."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Says nothing."""

    def do_GET(self) -> None:
        if self.path.startswith("/redirect/"):
            self._redirect(self.path.removeprefix("/redirect"))
        elif self.path.startswith("/loop/"):
            self._redirect(self.path)
        elif self.path.startswith("/away/"):
            self._redirect("file:///etc/passwd")
        else:
            self.path = self.path.removeprefix(f"/v1/{TOKEN}")
            super().do_GET()

    def _redirect(self, location: str) -> None:
        self.send_response(307)
        self.send_header("Location", location)
        self.send_header("Content-Length", "0")
        self.end_headers()


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def site(shaka_files: Path) -> Iterator[str]:
    with serve(shaka_files) as url:
        yield url


def test_a_package_is_walked_over_http_by_byte_ranges(site: str, shaka_files: Path) -> None:
    report = inspect_place(f"{site}/v1/{TOKEN}/master.m3u8")
    assert report == inspect_place(str(shaka_files))


def test_what_has_moved_is_read_where_it_is_now(site: str) -> None:
    report = inspect_place(f"{site}/redirect/v1/{TOKEN}/master.m3u8")
    assert report.failures == ()
    assert [figures.name for figures in report.figures] == ["v.m3u8", "a.m3u8"]


def refuse(read: Callable[[], object]) -> str:
    with pytest.raises(SourceUnreadable) as refusal:
        read()
    assert TOKEN not in str(refusal.value)
    return str(refusal.value)


def test_a_missing_file_is_told_without_its_token(site: str) -> None:
    url = f"{site}/v1/{TOKEN}/main.m3u8"
    source = WebSource(url)
    missing = source.resolve(url, "9.m4s?again=1")
    assert refuse(lambda: source.read(missing)) == "9.m4s: 404 File not found"


def test_a_place_elsewhere_is_named_without_its_path() -> None:
    source = WebSource("https://one.example/v1/x/main.m3u8")
    address = f"https://two.example/v1/{TOKEN}/1.m4s?token={TOKEN}"
    assert source.show(address) == "https://two.example/…/1.m4s"


@pytest.mark.parametrize("path", ["loop", "away"])
def test_redirects_end(path: str, site: str) -> None:
    url = f"{site}/{path}/main.m3u8"
    assert refuse(lambda: WebSource(url).read(url)).startswith("main.m3u8: 307")


@pytest.mark.parametrize("uri", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:text/plain,x"])
def test_other_schemes_are_refused(uri: str) -> None:
    source = WebSource("http://127.0.0.1:1/main.m3u8")
    address = source.resolve("http://127.0.0.1:1/main.m3u8", uri)
    assert "neither http nor https" in refuse(lambda: source.read(address))


def test_a_file_that_is_too_large_is_refused(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_FILE_BYTES", 1000)
    url = f"{site}/v.mp4"
    assert "larger than 1000 bytes" in refuse(lambda: WebSource(url).read(url))


def test_a_range_beyond_the_end_is_refused(site: str, shaka_files: Path) -> None:
    url = f"{site}/v.mp4"
    size = (shaka_files / "v.mp4").stat().st_size
    refusal = refuse(lambda: WebSource(url).read(url, ByteRange(100, size - 50)))
    assert "ends before byte range" in refusal


def test_nobody_there_is_an_error_not_a_crash(capsys: pytest.CaptureFixture[str]) -> None:
    with serve(Path()) as url:
        pass
    assert main([f"{url}/v1/{TOKEN}/main.m3u8"]) == 2
    error = capsys.readouterr().err
    assert "main.m3u8 cannot be read" in error
    assert TOKEN not in error


def test_an_address_that_is_none_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([f"http://127.0.0.1:x/{TOKEN}/main.m3u8"]) == 2
    assert TOKEN not in capsys.readouterr().err
