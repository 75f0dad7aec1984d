"""Where a token may stand in a request."""

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from edge.gate.credentials import Credential, find_bearer, find_credential, render_cookie
from edge.gate.decisions import Refused
from shared.events.refusals import RefusalCode


def find(
    path: str | None = None, query: str = "", headers: tuple[tuple[str, str], ...] = ()
) -> Credential:
    return find_credential(path, query, CIMultiDictProxy(CIMultiDict(headers)))


@pytest.mark.parametrize(
    ("path", "query", "headers", "expected"),
    [
        pytest.param("t", "", (), Credential("t", True, False), id="path"),
        pytest.param(None, "token=t", (), Credential("t", False, True), id="query"),
        pytest.param(None, "CMCD=x&token=t&y", (), Credential("t", False, True), id="among others"),
        pytest.param(None, "token=a%2Eb", (), Credential("a.b", False, True), id="escaped"),
        pytest.param(
            None, "", (("Authorization", "Bearer t"),), Credential("t", False, False), id="bearer"
        ),
        pytest.param(
            None, "", (("authorization", "bEaReR  t "),), Credential("t", False, False), id="BEARER"
        ),
        pytest.param(
            None,
            "",
            (("Cookie", "a=b; sluice_token=t; c"),),
            Credential("t", False, False),
            id="cookie",
        ),
        pytest.param(
            None, "", (("Cookie", 'sluice_token="t"'),), Credential("t", False, False), id="quoted"
        ),
        pytest.param(
            "t",
            "token=t",
            (("Authorization", "Bearer t"), ("Cookie", "sluice_token=t")),
            Credential("t", True, True),
            id="everywhere the same",
        ),
        pytest.param(
            "t", "", (("Authorization", "Basic dDp0"),), Credential("t", True, False), id="basic"
        ),
        pytest.param(
            "t", "", (("Cookie", "not_sluice_token=u"),), Credential("t", True, False), id="foreign"
        ),
    ],
)
def test_a_token_is_found(
    path: str | None, query: str, headers: tuple[tuple[str, str], ...], expected: Credential
) -> None:
    assert find(path, query, headers) == expected


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        pytest.param("", (), id="nothing"),
        pytest.param("token=", (), id="an empty parameter"),
        pytest.param("Token=t&tokens=t", (), id="other names"),
        pytest.param("", (("Authorization", "Basic dDp0"),), id="another scheme"),
        pytest.param("", (("Cookie", "session=t"),), id="another cookie"),
    ],
)
def test_a_request_without_a_token_is_refused(
    query: str, headers: tuple[tuple[str, str], ...]
) -> None:
    with pytest.raises(Refused) as refused:
        find(None, query, headers)
    assert refused.value.code is RefusalCode.TOKEN_MISSING


@pytest.mark.parametrize(
    ("path", "query", "headers"),
    [
        pytest.param("t", "token=u", (), id="path and query"),
        pytest.param("t", "", (("Authorization", "Bearer u"),), id="path and bearer"),
        pytest.param("t", "", (("Cookie", "sluice_token=u"),), id="path and cookie"),
        pytest.param(None, "token=t&token=u", (), id="query twice"),
        pytest.param(
            None,
            "",
            (("Authorization", "Bearer t"), ("Authorization", "Bearer u")),
            id="bearer twice",
        ),
        pytest.param(None, "", (("Cookie", "sluice_token=t; sluice_token=u"),), id="cookie twice"),
        pytest.param("t", "", (("Authorization", "Bearer "),), id="path and an empty bearer"),
        pytest.param("t", "&".join(["a=b"] * 40), (), id="more parameters than are read"),
    ],
)
def test_tokens_that_differ_are_refused(
    path: str | None, query: str, headers: tuple[tuple[str, str], ...]
) -> None:
    with pytest.raises(Refused) as refused:
        find(path, query, headers)
    assert refused.value.code is RefusalCode.TOKEN_INVALID


def bearers(*values: str) -> CIMultiDictProxy[str]:
    return CIMultiDictProxy(CIMultiDict([("Authorization", value) for value in values]))


def test_the_authorization_header_alone_may_order() -> None:
    assert find_bearer(bearers("Bearer t")) == "t"
    assert find_bearer(bearers("Basic dDp0", "Bearer t", "bearer t")) == "t"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        pytest.param(bearers(), RefusalCode.TOKEN_MISSING, id="nothing"),
        pytest.param(bearers("Basic dDp0"), RefusalCode.TOKEN_MISSING, id="another scheme"),
        pytest.param(
            CIMultiDictProxy(CIMultiDict({"Cookie": "sluice_token=t"})),
            RefusalCode.TOKEN_MISSING,
            id="a cookie",
        ),
        pytest.param(bearers("Bearer t", "Bearer u"), RefusalCode.TOKEN_INVALID, id="two"),
    ],
)
def test_an_order_without_one_bearer_token_is_refused(
    headers: CIMultiDictProxy[str], code: RefusalCode
) -> None:
    with pytest.raises(Refused) as refused:
        find_bearer(headers)
    assert refused.value.code is code


def test_a_cookie_is_for_its_folder_and_out_of_reach_of_scripts_and_other_sites() -> None:
    assert render_cookie("t.o.k", path="/v1/a/x/", max_age_s=60) == (
        "sluice_token=t.o.k; Path=/v1/a/x/; Max-Age=60; HttpOnly; Secure; SameSite=Lax"
    )
