"""docs/replaced.md: every row is later, or names a test that exists."""

import ast
import re
from typing import Final

import pytest

from tests.house.tracked_files import ROOT

LATER: Final = "*later*"
ROWS: Final = [
    [cell.strip() for cell in re.split(r" \|(?: |$)", line.removeprefix("| "))[:3]]
    for line in (ROOT / "docs" / "replaced.md").read_text().splitlines()
    if line.startswith("| ") and not line.startswith("| theirs")
]
NAMED: Final = [
    match for row in ROWS for match in re.findall(r"`([\w/]+/test_\w+\.py(?:::\w+)?)`", row[-1])
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:40])
def test_a_row_is_later_or_proved(row: list[str]) -> None:
    assert (LATER in row) or "/test_" in row[-1]


@pytest.mark.parametrize("name", NAMED)
def test_what_is_named_exists(name: str) -> None:
    path, _, function = name.partition("::")
    module = ast.parse((ROOT / "tests" / path).read_text())
    names = {
        node.name
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert not function or function in names
