"""Tests for control_plane/client_address.py."""

from ipaddress import ip_network

import pytest

from control_plane.client_address import find_client_address

TRUSTED = [ip_network("10.0.0.0/8"), ip_network("2001:db8::/32")]
PROXY, CLIENT = "10.0.0.1", "192.0.2.7"


@pytest.mark.parametrize(
    ("peer", "headers", "address"),
    [
        pytest.param(CLIENT, {}, CLIENT, id="no proxy"),
        pytest.param(CLIENT, {"X-Forwarded-For": "203.0.113.9"}, CLIENT, id="a client's own claim"),
        pytest.param(PROXY, {}, PROXY, id="a proxy that says nothing"),
        pytest.param(PROXY, {"X-Forwarded-For": CLIENT}, CLIENT, id="one proxy"),
        pytest.param(PROXY, {"X-Forwarded-For": f"1.1.1.1, {CLIENT}"}, CLIENT, id="made up before"),
        pytest.param(PROXY, {"X-Forwarded-For": f"{CLIENT}, 10.9.9.9"}, CLIENT, id="two proxies"),
        pytest.param(PROXY, {"X-Forwarded-For": "10.1.1.1"}, "10.1.1.1", id="proxies alone"),
        pytest.param(PROXY, {"X-Forwarded-For": f"{CLIENT}, junk"}, PROXY, id="junk ends it"),
        pytest.param(PROXY, {"X-Forwarded-For": f"{CLIENT}:4711"}, CLIENT, id="with a port"),
        pytest.param(
            PROXY, {"X-Forwarded-For": "[2001:db9::1]:4711"}, "2001:db9::1", id="v6 with a port"
        ),
        pytest.param(PROXY, {"X-Forwarded-For": "2001:db9::1"}, "2001:db9::1", id="v6"),
        pytest.param(PROXY, {"Forwarded": f"for={CLIENT};proto=https"}, CLIENT, id="RFC 7239"),
        pytest.param(
            PROXY,
            {"Forwarded": 'for=1.1.1.1, For="[2001:db9::1]:80";by=10.0.0.1'},
            "2001:db9::1",
            id="RFC 7239, quoted",
        ),
        pytest.param(
            PROXY,
            {"Forwarded": f"for={CLIENT}", "X-Forwarded-For": "1.1.1.1"},
            CLIENT,
            id="RFC 7239 first",
        ),
        pytest.param(PROXY, {"Forwarded": "for=unknown"}, PROXY, id="RFC 7239, hidden"),
        pytest.param("2001:db8::1", {"X-Forwarded-For": CLIENT}, CLIENT, id="a proxy with v6"),
    ],
)
def test_the_right_most_address_that_is_no_proxy(
    peer: str, headers: dict[str, str], address: str
) -> None:
    assert find_client_address(peer, headers, trusted=TRUSTED) == address


def test_without_trusted_proxies_no_header_counts() -> None:
    assert find_client_address(PROXY, {"X-Forwarded-For": CLIENT}, trusted=[]) == PROXY
