"""What no file of the project says: where packages come from, or on whose machine it was."""

import re
from typing import Final

import pytest

from tests.house.tracked_files import list_files, name_of

# In pieces, so that this file does not say it either.
REGISTRIES: Final = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("docker", "io"),
        ("ghcr", "io"),
        ("quay", "io"),
        ("debian", "org"),
        ("ubuntu", "com"),
    )
]
_HOSTS: Final = "|".join(map(re.escape, REGISTRIES))
_REGISTRY: Final = re.compile(rf"\b(?:{_HOSTS})\b", re.IGNORECASE)
_HOME: Final = re.compile(r"(?<![\w.~-])/(?:(?:home|Users)/[a-z]\w*|root/\w+)")


def test_no_file_names_a_registry_or_a_home() -> None:
    found = {
        name_of(path): [*_REGISTRY.findall(text), *_HOME.findall(text)]
        for path in list_files()
        for text in [path.read_bytes().decode(errors="replace")]
    }
    assert {name: words for name, words in found.items() if words} == {}


@pytest.mark.parametrize("host", REGISTRIES)
def test_registry_would_be_found(host: str) -> None:
    assert _REGISTRY.search(f"https://files.{host}/simple")


@pytest.mark.parametrize("parts", [("home", "alice", "x"), ("Users", "alice"), ("root", "x")])
def test_home_would_be_found(parts: tuple[str, ...]) -> None:
    assert _HOME.search(" /" + "/".join(parts))


@pytest.mark.parametrize("text", ["~/home/x", "https://a.example/home/", "${root}/x", "/rooted/x"])
def test_other_path_is_no_home(text: str) -> None:
    assert not _HOME.search(text)
