"""Base64url: every value has a spelling, and only one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.base64url import decode_base64url, encode_base64url


@given(raw=st.binary(max_size=80))
def test_what_was_encoded_decodes_to_itself(raw: bytes) -> None:
    assert decode_base64url(encode_base64url(raw)) == raw


@given(text=st.text(alphabet="AQgw_-+/= \n\u00e9", max_size=8))
def test_what_decodes_is_the_only_spelling_of_its_value(text: str) -> None:
    try:
        raw = decode_base64url(text)
    except ValueError:
        return
    assert encode_base64url(raw) == text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("AQ==", id="padding"),
        pytest.param("AR", id="spare bits"),
        pytest.param("A", id="six bits"),
        pytest.param("+/8", id="the other alphabet"),
        pytest.param("A Q", id="space"),
        pytest.param("AQ\n", id="line end"),
        pytest.param("\u0410Q", id="a letter that only looks right"),
    ],
)
def test_other_spelling_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decode_base64url(text)
