"""One line about a document's faults, without what stood in it."""

import pytest
from pydantic import BaseModel, ValidationError

from shared.faults import describe_faults


class Shelf(BaseModel):
    books: list[int]
    owner: str


def fault_of(document: str) -> ValidationError:
    with pytest.raises(ValidationError) as fault:
        Shelf.model_validate_json(document)
    return fault.value


def test_faults_are_named_by_their_place() -> None:
    described = describe_faults(fault_of('{"books": [1, "x"]}'))
    assert described.startswith("books.1: Input should be a valid integer")
    assert described.endswith("; owner: Field required")


def test_values_are_left_out() -> None:
    assert "hunter2" not in describe_faults(fault_of('{"books": ["hunter2"], "owner": "a"}'))


def test_only_the_first_faults_are_named() -> None:
    document = '{"books": ["a","a","a","a","a","a","a"], "owner": "a"}'
    described = describe_faults(fault_of(document))
    assert described.count("books.") == 5
    assert described.endswith("; and 2 more")


def test_fault_of_the_whole_has_no_place() -> None:
    assert describe_faults(fault_of("[]")).startswith(": Input should be an object")
