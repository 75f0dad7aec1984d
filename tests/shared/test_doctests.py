"""The examples in the docstrings of `shared` work."""

import doctest
import importlib
import pkgutil

import pytest

import shared

MODULES = [module.name for module in pkgutil.walk_packages(shared.__path__, prefix="shared.")]
WITH_EXAMPLES = {
    "shared.captions",
    "shared.events.leases",
    "shared.keyring",
    "shared.paths",
    "shared.tokens",
}


@pytest.mark.parametrize("name", MODULES)
def test_examples_work(name: str) -> None:
    outcome = doctest.testmod(importlib.import_module(name))
    assert outcome.failed == 0
    assert (outcome.attempted > 0) or name not in WITH_EXAMPLES
