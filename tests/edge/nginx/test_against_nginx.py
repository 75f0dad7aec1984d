"""The edge beside a real nginx: thousands of Range and If-* requests for the same files."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from shared.asset import etag_of
from shared.paths import Kind, asset_prefix
from tests.edge.edges import World
from tests.edge.films import OTHER_ASSET_ID, make_film, publish_film
from tests.edge.http.reference import respond
from tests.edge.nginx.cases import Case, make_cases
from tests.edge.nginx.differences import DIFFERENCES
from tests.edge.nginx.pipelines import Answered, ask_all
from tests.edge.nginx.static import serve_folder
from tests.nginx_front import list_programs

SMALL: Final = {f"video/720/{size}.mp4": size for size in (0, 1, 2, 100, 3_000, 20_000)}
# Too large for the RAM of a test's edge: sent in chunks.
LARGE: Final = {"video/720/large.mp4": 1_200_000}
SIZES: Final = {**SMALL, **LARGE}
PROGRAMS: Final = list_programs()


def summarise(answer: Answered) -> tuple[object, ...]:
    """What both have to agree on: bodies of errors are each server's own."""
    if answer.status not in (200, 206):
        return answer.status, answer.fields.get("content-range")
    length = answer.fields["content-length"]
    return answer.status, answer.fields.get("content-range"), length, etag_of(answer.body)


def expect(case: Case, etag: str, content: bytes) -> tuple[object, ...]:
    """The same of what RFC 9110 says."""
    expected = respond(case.method, case.fill(etag), etag, case.size)
    if expected.status not in (200, 206):
        return expected.status, expected.content_range
    positions = expected.positions
    sent = content[positions[0] : positions[-1] + 1] if positions else b""
    digest = etag_of(b"" if case.method == "HEAD" else sent)
    return expected.status, expected.content_range, str(len(positions)), digest


async def ask(
    port: int, path: str, cases: list[Case], tags: Mapping[str, str], *, hangs_up: bool = False
) -> list[Answered]:
    requests = [case.render(path, tags[case.name]) for case in cases]
    return await ask_all(port, requests, hangs_up=hangs_up)


async def find_tags(port: int, path: str) -> dict[str, str]:
    plain = [Case("HEAD", name, size, ()) for name, size in SIZES.items()]
    answers = await ask(port, path, plain, dict.fromkeys(SIZES, ""))
    return {case.name: answer.fields["etag"] for case, answer in zip(plain, answers, strict=True)}


@pytest.mark.skipif(not PROGRAMS, reason="no nginx")
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: Path(program).name)
async def test_the_edge_answers_as_nginx_does_but_where_it_is_known_why(
    world: World, tmp_path: Path, program: str
) -> None:
    film = make_film(asset_id=OTHER_ASSET_ID, sizes=SIZES)
    publish_film(world.store, film)
    root = tmp_path / "media" / asset_prefix(OTHER_ASSET_ID)
    cases = make_cases(SMALL, count=6_000, seed=9110)
    cases += make_cases(LARGE, count=100, seed=9110)
    path = f"/v1/{world.signer.issue(kinds=frozenset(Kind))}/{OTHER_ASSET_ID}/"
    async with serve_folder(program, root, tmp_path / "nginx") as port:
        ours, theirs = await find_tags(world.running.port, path), await find_tags(port, "/")
        edge = await ask(world.running.port, path, cases, ours)
        nginx = await ask(port, "/", cases, theirs, hangs_up=True)
    needed: Counter[str] = Counter()
    for case, one, other in zip(cases, edge, nginx, strict=True):
        found, differs = summarise(one), summarise(one) != summarise(other)
        if differs or case.name in SMALL:
            assert found == expect(case, ours[case.name], film.contents[case.name]), case
        if differs:
            reasons = [difference.name for difference in DIFFERENCES if difference.applies(case)]
            assert reasons, (case, found, summarise(other))
            needed.update(reasons)
    assert set(needed) == {difference.name for difference in DIFFERENCES}
