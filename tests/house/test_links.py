"""Links between documents lead somewhere."""

import re
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import pytest

from tests.house.tracked_files import list_files, name_of

_LINK: Final = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)(?:\s+\"[^\"]*\")?\)")
_CODE: Final = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_HEADING: Final = re.compile(r"^#{1,6}\s+(?P<title>.+?)\s*#*$", re.MULTILINE)
_ELSEWHERE: Final = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)

DOCUMENTS: Final = [path for path in list_files() if path.suffix == ".md"]


def find_links(text: str) -> list[str]:
    """The targets of a document's links within the project."""
    found = [match["target"] for match in _LINK.finditer(_CODE.sub("", text))]
    return [target for target in found if not _ELSEWHERE.match(target)]


def list_anchors(text: str) -> set[str]:
    """The names of a document's headings as hosts of Markdown make them."""
    titles = (
        match["title"] for match in _HEADING.finditer(re.sub(r"```.*?```", "", text, flags=re.S))
    )
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def is_there(document: Path, target: str) -> bool:
    place, _, anchor = unquote(target).partition("#")
    path = (document.parent / place).resolve() if place else document
    if not path.exists():
        return False
    return not anchor or path.suffix != ".md" or anchor in list_anchors(path.read_text())


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_link_leads_somewhere(document: Path) -> None:
    links = find_links(document.read_text())
    assert [target for target in links if not is_there(document, target)] == []


def test_broken_links_would_be_found(tmp_path: Path) -> None:
    document = tmp_path / "a.md"
    document.write_text("# One, two\n[b](b.md) [c](#one-two) [d](#three) [e](https://e.example)\n")
    links = find_links(document.read_text())
    assert [target for target in links if not is_there(document, target)] == ["b.md", "#three"]
