"""Fetching documents from a server that is well, ill or hostile, and keeping copies of them."""

import asyncio
import errno
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import ClientSession, ClientTimeout, web

from edge.state.published import DocumentAbsent, DocumentUnreachable, Published, fetch_document

LIMIT = 1_000
Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


async def fetch(session: ClientSession, answer: Answer) -> bytes:
    runner = web.ServerRunner(web.Server(answer), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        return await fetch_document(session, f"http://127.0.0.1:{site.port}/", max_bytes=LIMIT)
    finally:
        await runner.cleanup()


async def test_a_document_is_fetched_whole(session: ClientSession) -> None:
    async def answer(_request: web.BaseRequest) -> web.Response:
        return web.Response(body=b"x" * LIMIT)

    assert await fetch(session, answer) == b"x" * LIMIT


@pytest.mark.parametrize(
    ("status", "raised"),
    [
        (204, DocumentUnreachable),
        (301, DocumentUnreachable),
        (307, DocumentUnreachable),
        (404, DocumentAbsent),
        (410, DocumentAbsent),
        (403, DocumentUnreachable),
        (500, DocumentUnreachable),
        (503, DocumentUnreachable),
    ],
)
async def test_only_an_answer_of_200_is_a_document(
    session: ClientSession, status: int, raised: type[DocumentUnreachable]
) -> None:
    async def answer(request: web.BaseRequest) -> web.Response:
        # whoever followed a redirect would find a document
        if request.path == "/elsewhere":
            return web.Response(body=b"document")
        return web.Response(status=status, headers={"Location": "/elsewhere"})

    with pytest.raises(DocumentUnreachable) as refused:
        await fetch(session, answer)
    assert type(refused.value) is raised


async def test_an_endless_document_is_given_up(session: ClientSession) -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 100)

    with pytest.raises(DocumentUnreachable, match="longer than"):
        await fetch(session, answer)


async def test_a_packed_document_is_measured_unpacked(session: ClientSession) -> None:
    async def answer(_request: web.BaseRequest) -> web.Response:
        response = web.Response(body=b" " * 500_000)
        response.enable_compression(web.ContentCoding.gzip)
        return response

    with pytest.raises(DocumentUnreachable, match="longer than"):
        await fetch(session, answer)


async def test_a_document_that_never_ends_in_time_is_given_up(
    session: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.state.published._TIMEOUT", ClientTimeout(total=0.1))
    given_up = asyncio.Event()

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"{")
        await given_up.wait()
        return response

    asyncio.get_running_loop().call_later(0.3, given_up.set)
    with pytest.raises(DocumentUnreachable, match="Timeout"):
        await fetch(session, answer)


async def test_a_body_that_breaks_off_is_no_document(session: ClientSession) -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "900"})
        await response.prepare(request)
        await response.write(b"half")
        assert request.transport is not None
        request.transport.abort()
        return response

    with pytest.raises(DocumentUnreachable):
        await fetch(session, answer)


async def test_nobody_there_is_no_document(session: ClientSession) -> None:
    with pytest.raises(DocumentUnreachable, match="ClientConnectorError"):
        await fetch_document(session, "http://127.0.0.1:9/", max_bytes=LIMIT)


async def never() -> bytes:
    raise DocumentUnreachable


def list_names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_a_copy_is_what_was_saved_last(tmp_path: Path) -> None:
    published = Published(never, tmp_path / "copy.json")
    assert await published.load_copy() is None
    for document in (b"first", b"second"):
        await published.save_copy(document)
    copy = await published.load_copy()
    assert copy is not None
    assert copy.document == b"second"
    assert copy.saved_at == (tmp_path / "copy.json").stat().st_mtime


async def test_many_who_save_at_once_leave_one_whole_copy(tmp_path: Path) -> None:
    published = Published(never, tmp_path / "copy.json")
    documents = [bytes([number]) * 50_000 for number in range(20)]
    await asyncio.gather(*(published.save_copy(document) for document in documents))
    assert (tmp_path / "copy.json").read_bytes() in documents
    assert list_names(tmp_path) == ["copy.json"]


async def test_a_full_disk_leaves_the_copy_and_no_crumbs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = Published(never, tmp_path / "copy.json")
    await published.save_copy(b"good")

    def refuse(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(OSError, match="No space"):
        await published.save_copy(b"bad")
    assert (tmp_path / "copy.json").read_bytes() == b"good"
    assert list_names(tmp_path) == ["copy.json"]
