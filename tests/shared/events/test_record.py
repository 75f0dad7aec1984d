"""Tests for shared/events/record.py: what travels on streams."""

import pytest

from shared.events.record import Record, RecordInvalid


class Sample(Record):
    count: int
    note: str | None = None


def test_a_record_comes_back_as_it_was_sent() -> None:
    sample = Sample(count=1, note="é")
    assert Sample.parse(sample.render()) == Sample.parse(sample.render().encode()) == sample


def test_what_is_absent_is_left_out() -> None:
    assert Sample(count=1).render() == '{"count":1}'


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"count":"1"}', '{"count":1.5}', '{"count":1,"more":2}', b'{"count":\xff}'],
    ids=[
        "nothing",
        "no object",
        "a field missing",
        "a number as text",
        "a fraction",
        "one too many",
        "no UTF-8",
    ],
)
def test_what_breaks_the_format_is_refused(text: str | bytes) -> None:
    with pytest.raises(RecordInvalid, match=r"^Sample: "):
        Sample.parse(text)


def test_a_fault_is_told_without_the_values() -> None:
    with pytest.raises(RecordInvalid) as refusal:
        Sample.parse('{"count":"a secret"}')
    assert "secret" not in str(refusal.value)
