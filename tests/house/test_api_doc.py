"""docs/api.md names every code that the control plane refuses with, no other, and the limits."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from drf_spectacular.generators import SchemaGenerator

from control_plane.config import Config
from tests.house.tracked_files import ROOT

DOCUMENT: Final = ROOT / "docs" / "api.md"
PROBLEMS: Final = {"Refused", "Problem", "__init__"}
STATUSES: Final = re.compile(r"^\| `(\w+)` \| (\d{3}[0-9, ]*) \|", re.MULTILINE)
# What REST framework answers by itself.
FRAMEWORK: Final = {"authentication_failed", "not_acceptable", "not_authenticated"}


def list_documented() -> set[str]:
    return set(re.findall(r"^\| `(\w+)` \| \d{3}", DOCUMENT.read_text(), re.MULTILINE))


def list_raised() -> set[str]:
    paths = (ROOT / "control_plane").rglob("*.py")
    return {code for path in paths for code in find_codes(ast.parse(path.read_text()))}


def find_codes(module: ast.Module) -> Iterator[str]:
    """The first text among the arguments of whatever makes a problem."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and name_of(node.func) in PROBLEMS:
            texts = [one.value for one in node.args if isinstance(one, ast.Constant)]
            yield from [text for text in texts if isinstance(text, str)][:1]


def name_of(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def test_every_code_is_documented() -> None:
    assert list_raised() - list_documented() == set()


def test_every_documented_code_exists() -> None:
    sources = [path.read_text() for path in (ROOT / "control_plane").rglob("*.py")]
    words = set(re.findall(r"\w+", " ".join(sources))) | FRAMEWORK
    unknown = {
        code
        for code in list_documented() - words
        if not code.endswith("_pending")  # allauth's name of a step
    }
    assert unknown == set()


def test_the_statuses_are_those_of_the_description() -> None:
    documented = dict(STATUSES.findall(DOCUMENT.read_text()))
    description = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    described = {
        (code, status)
        for operations in description["paths"].values()
        for operation in operations.values()
        for status, response in operation.get("responses", {}).items()
        for code in re.findall(r"`([a-z_]+)`", response.get("description", ""))
        if code in documented
    }
    assert len(described) > 20
    assert {one for one in described if one[1] not in documented[one[0]]} == set()


def test_the_limits_are_those_of_the_settings() -> None:
    written = dict(
        re.findall(r"\| (\d+/\w+) \| `SLUICE_CONTROL_(LIMIT_\w+)` \|", DOCUMENT.read_text())
    )
    assert {name.lower(): rate for rate, name in written.items()} == {
        name: str(field.default)
        for name, field in Config.model_fields.items()
        if name.startswith("limit_")
    }
