"""ARCHITECTURE.md speaks of code that exists."""

import re
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
CODE: Final = ("shared", "edge", "transcoder", "control_plane", "standalone")

_BLOCKS: Final = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
_NAMED: Final = re.compile(r"`([^`\s]+)`")


@cache
def read_code() -> dict[str, str]:
    return {
        path.relative_to(ROOT).as_posix(): path.read_text()
        for folder in CODE
        for path in (ROOT / folder).rglob("*.py")
    }


def list_names() -> list[str]:
    text = _BLOCKS.sub("", (ROOT / "ARCHITECTURE.md").read_text())
    names = {name.partition("(")[0] for name in _NAMED.findall(text)}
    return sorted(name for name in names if not re.search(r"[<>{}\[\]]", name))


@pytest.mark.parametrize("name", list_names())
def test_what_it_names_exists(name: str) -> None:
    if name.endswith(".py"):
        assert any(path == name or path.endswith(f"/{name}") for path in read_code())
    elif name.endswith("/"):
        assert any(f"/{path}".find(f"/{name}") >= 0 for path in read_code())
    else:
        word = re.compile(rf"(?<!\w){re.escape(name.rpartition('.')[2])}(?!\w)")
        known = any(word.search(text) for text in read_code().values())
        assert known or (ROOT / name).exists() or any(f"{name}.py" in p for p in read_code())
