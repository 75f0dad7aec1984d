"""Compact JWS: the one spelling of each is read, everything else is refused."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.base64url import encode_base64url
from shared.compact_jws import JwsInvalid, parse_object, split_compact

whole_numbers = st.integers(-(10**13), 10**15 - 1)
values = st.recursive(
    st.none() | st.booleans() | whole_numbers | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@given(header=st.binary(max_size=20), payload=st.binary(max_size=20))
def test_parts_are_told_apart(header: bytes, payload: bytes) -> None:
    text = f"{encode_base64url(header)}.{encode_base64url(payload)}.c2ln"
    assert split_compact(text)[:2] == (header, payload)


@pytest.mark.parametrize(
    "text", ["", ".", "...", "e30.e30", "e30.e30.AR", "e30.e30=.AQ", "e30.e3 0.AQ", "e30\n.e30.AQ"]
)
def test_other_text_is_no_compact_jws(text: str) -> None:
    with pytest.raises(JwsInvalid):
        split_compact(text)


@given(members=st.dictionaries(st.text(max_size=4), values, max_size=4))
def test_object_is_read_as_it_was_written(members: dict[str, Any]) -> None:
    if json.dumps(members).count("[") + json.dumps(members).count("{") <= 32:
        assert parse_object(json.dumps(members).encode()) == members


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"[]", id="array"),
        pytest.param(b"null", id="null"),
        pytest.param(b'"x"', id="string"),
        pytest.param(b"{} {}", id="two"),
        pytest.param(b'{"a":1,"a":1}', id="a member twice"),
        pytest.param(b'{"a":1,"\\u0061":1}', id="a member twice by an escape"),
        pytest.param(b'{"x":{"a":1,"a":1}}', id="a member twice further in"),
        pytest.param(b'{"a":1.0}', id="fraction"),
        pytest.param(b'{"a":1e2}', id="exponent"),
        pytest.param(b'{"a":NaN}', id="NaN"),
        pytest.param(b'{"a":-Infinity}', id="infinity"),
        pytest.param(b'{"a":1000000000000000}', id="16 digits"),
        pytest.param(b'{"a":' + b"9" * 5000 + b"}", id="5000 digits"),
        pytest.param(b'{"a":01}', id="leading zero"),
        pytest.param(b'{"a":"\xff"}', id="not UTF-8"),
        pytest.param('{"a":1}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b'\xef\xbb\xbf{"a":1}', id="byte order mark"),
        pytest.param(b'{"a":' + b"[" * 32 + b"]" * 32 + b"}", id="33 brackets"),
        pytest.param(b'{"a":' + b"[" * 10**6, id="a million brackets"),
        pytest.param(b"{'a':1}", id="apostrophes"),
    ],
)
def test_other_text_is_no_object(text: bytes) -> None:
    with pytest.raises(JwsInvalid):
        parse_object(text)


def test_object_as_deep_as_any_may_be_is_read() -> None:
    assert parse_object(b'{"a":' + b"[" * 31 + b"]" * 31 + b"}").keys() == {"a"}
