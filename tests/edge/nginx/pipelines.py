"""Many requests over one connection at once, and their answers taken apart."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

Asked: TypeAlias = tuple[str, bytes]
"""A method, and the bytes of a whole request."""

BATCH: Final = 50
_BODILESS: Final = (204, 304)


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer, its field names in lower case."""

    status: int
    fields: dict[str, str]
    body: bytes


async def ask_all(
    port: int, requests: Sequence[Asked], *, connections: int = 4, hangs_up: bool = False
) -> list[Answered]:
    """The answers to requests, in their order. `hangs_up` is for a server that closes after
    some answers and leaves those behind to be asked for again, as nginx does after a 412."""
    shares = [requests[n::connections] for n in range(connections)]
    answers = await asyncio.gather(*(_ask_share(port, share, hangs_up) for share in shares))
    return [answers[n % connections][n // connections] for n in range(len(requests))]


async def _ask_share(port: int, requests: Sequence[Asked], hangs_up: bool) -> list[Answered]:
    answers: list[Answered] = []
    while len(answers) < len(requests):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            unanswered = requests[len(answers) :]
            async for answer in _ask_over_one(reader, writer, unanswered):
                answers.append(answer)  # noqa: PERF401  (it counts where the connection ends)
        except (asyncio.IncompleteReadError, ConnectionError):
            if not hangs_up:
                raise
        finally:
            writer.transport.abort()
    return answers


async def _ask_over_one(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, requests: Sequence[Asked]
) -> AsyncIterator[Answered]:
    """Batches of one request and of many by turns: alone a request goes other ways."""
    position, size = 0, 1
    while position < len(requests):
        batch = requests[position : position + size]
        writer.write(b"".join(text for _, text in batch))
        for method, _ in batch:
            yield await read_answer(reader, method)
        position, size = position + size, BATCH if size == 1 else 1


async def read_answer(reader: asyncio.StreamReader, method: str) -> Answered:
    head = await reader.readuntil(b"\r\n\r\n")
    status_line, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    fields = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    status = int(status_line.split(" ")[1])
    bodiless = method == "HEAD" or status in _BODILESS
    length = 0 if bodiless else int(fields["content-length"])
    return Answered(status, fields, await reader.readexactly(length))
