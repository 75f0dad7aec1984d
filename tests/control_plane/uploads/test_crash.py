"""An upload survives the sudden death of the control plane."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from control_plane.catalogue.models import Video
from control_plane.transcodes.models import TranscodeJob
from control_plane.uploads.models import Upload
from control_plane.uploads.spool import measure_spool
from tests.control_plane.serving import Address, Headers, run_module
from tests.control_plane.uploads.clients import call, half_sent
from tests.control_plane.uploads.conftest import create
from tests.waiting import wait_for

FILM = bytes(range(256)) * 1024
PATCH = {"Content-Type": "application/offset+octet-stream"}
WITHIN_S = 60


@contextmanager
def serve_apart(port: int) -> Iterator[Address]:
    """Serve from a process of its own, which is killed in the end."""
    address = ("127.0.0.1", port)
    with run_module("control_plane", SLUICE_CONTROL_PORT=str(port)):
        wait_for(lambda: accepts(address), what="the server", within_s=WITHIN_S)
        yield address


def accepts(address: Address) -> bool:
    try:
        socket.create_connection(address).close()
    except ConnectionRefusedError:
        return False
    return True


def find_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@pytest.mark.slow
def test_upload_goes_on_after_the_server_was_killed(session: Headers, video: Video) -> None:
    port, half = find_port(), len(FILM) // 2
    with ExitStack() as requests, serve_apart(port) as server:
        path = create(server, session, video, len(FILM)).headers["Location"]
        upload_id = Upload.objects.get().pk
        headers = {**session, **PATCH, "Upload-Offset": "0"}
        request = half_sent(server, path, headers, FILM[:half], length=len(FILM))
        requests.enter_context(request)
        wait_for(lambda: measure_spool(upload_id) == half, what="half", within_s=WITHIN_S)
    with serve_apart(port) as server:
        offset = call(server, "HEAD", path, session).headers["Upload-Offset"]
        assert offset == str(half)
        rest = {**session, **PATCH, "Upload-Offset": offset}
        assert call(server, "PATCH", path, rest, FILM[half:]).status == 204
    assert TranscodeJob.objects.get().state == "queued"
