"""Every module of the product says what lives in it."""

import ast
from pathlib import Path

from tests.house.tracked_files import ROOT, list_modules, name_of


def needs_docstring(path: Path) -> bool:
    """All but the empty `__init__.py` of a folder that only Django's layout asks for."""
    if "tests" in path.parts:
        return False
    return bool(path.read_text()) or path.parents[1] == ROOT


def test_every_module_has_a_docstring() -> None:
    modules = filter(needs_docstring, list_modules())
    without = [path for path in modules if ast.get_docstring(ast.parse(path.read_text())) is None]
    assert [name_of(path) for path in without] == []
