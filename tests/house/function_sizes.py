"""Prints how long functions and files are: `python -m tests.house.function_sizes`."""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median, quantiles

from tests.house.tracked_files import list_modules, name_of


def measure_functions(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (lines, name) of every function of a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (node.end_lineno or node.lineno) - node.lineno + 1, f"{name_of(path)}:{node.name}"


def describe_sizes(sizes: Sequence[tuple[int, str]]) -> Iterator[str]:
    lengths = [length for length, _ in sizes]
    most = quantiles(lengths, n=20)[-1]
    yield f"{len(sizes)}, median {median(lengths):g}, 95 % within {most:.0f} lines"
    yield from (f"  {length:4} {name}" for length, name in sorted(sizes, reverse=True)[:10])


def report() -> str:
    modules = [path for path in list_modules() if "tests" not in path.parts and path.read_text()]
    files = [(len(path.read_text().splitlines()), name_of(path)) for path in modules]
    functions = [size for path in modules for size in measure_functions(path)]
    return "\n".join(["functions:", *describe_sizes(functions), "files:", *describe_sizes(files)])


if __name__ == "__main__":
    print(report())  # noqa: T201
