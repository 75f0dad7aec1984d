"""Finding the client's address behind proxies."""

from ipaddress import ip_address, ip_network

import pytest

from edge.gate.addresses import find_peer

TRUSTED = (ip_network("10.0.0.0/8"), ip_network("2001:db8:1::/48"))
PROXY = "10.0.0.1"


def find(
    socket: str, *, forwarded: tuple[str, ...] = (), x_forwarded: tuple[str, ...] = ()
) -> str | None:
    peer = find_peer(socket, TRUSTED, forwarded=forwarded, x_forwarded=x_forwarded)
    return None if peer is None else str(peer)


def test_a_stranger_s_socket_is_believed_and_its_headers_are_not() -> None:
    found = find("192.0.2.1", forwarded=("for=198.51.100.1",), x_forwarded=("198.51.100.2",))
    assert found == "192.0.2.1"


def test_without_trusted_proxies_no_header_is_believed() -> None:
    peer = find_peer(PROXY, (), forwarded=("for=192.0.2.1",), x_forwarded=("192.0.2.1",))
    assert peer == ip_address(PROXY)


@pytest.mark.parametrize(
    ("values", "peer"),
    [
        pytest.param((), PROXY, id="none"),
        pytest.param(("192.0.2.1",), "192.0.2.1", id="one hop"),
        pytest.param(("203.0.113.9, 192.0.2.1",), "192.0.2.1", id="a forged left one"),
        pytest.param(("192.0.2.1, 10.0.0.2",), "192.0.2.1", id="a trusted second proxy"),
        pytest.param(("203.0.113.9", "192.0.2.1"), "192.0.2.1", id="two fields"),
        pytest.param(("10.0.0.3, 10.0.0.2",), "10.0.0.3", id="trusted to the end"),
        pytest.param(("192.0.2.1:4711",), "192.0.2.1", id="with a port"),
        pytest.param(("[2001:db8::7]:4711",), "2001:db8::7", id="IPv6 with a port"),
        pytest.param(("2001:db8::7",), "2001:db8::7", id="bare IPv6"),
        pytest.param(("::ffff:192.0.2.1",), "192.0.2.1", id="IPv4 in IPv6"),
        pytest.param(("192.0.2.1, 2001:db8:1::5",), "192.0.2.1", id="IPv6 proxy"),
        pytest.param(("192.0.2.1, unknown",), None, id="a hop that hides"),
        pytest.param(("192.0.2.1,",), None, id="an empty hop"),
        pytest.param(("192.0.2.256",), None, id="no address"),
        pytest.param(("192.0.2.1%eth0",), None, id="a zone"),
    ],
)
def test_x_forwarded_for_is_read_from_the_right(values: tuple[str, ...], peer: str | None) -> None:
    assert find(PROXY, x_forwarded=values) == peer


@pytest.mark.parametrize(
    ("values", "peer"),
    [
        pytest.param(("for=192.0.2.1",), "192.0.2.1", id="one hop"),
        pytest.param(("For=192.0.2.1;Proto=https;By=10.0.0.1",), "192.0.2.1", id="parameters"),
        pytest.param(('for="[2001:db8::17]:4711"',), "2001:db8::17", id="quoted IPv6 with a port"),
        pytest.param(("for=203.0.113.9, for=192.0.2.1",), "192.0.2.1", id="a forged left one"),
        pytest.param(("for=192.0.2.1", "for=10.0.0.2"), "192.0.2.1", id="two fields"),
        pytest.param(("for=192.0.2.1, proto=https",), None, id="an element without for"),
        pytest.param(("for=_hidden",), None, id="an obfuscated hop"),
        pytest.param(("for=unknown",), None, id="an unknown hop"),
    ],
)
def test_forwarded_is_read_from_the_right(values: tuple[str, ...], peer: str | None) -> None:
    assert find(PROXY, forwarded=values) == peer


def test_both_headers_may_agree() -> None:
    found = find(PROXY, forwarded=("for=192.0.2.1",), x_forwarded=("192.0.2.1",))
    assert found == "192.0.2.1"


def test_headers_that_disagree_leave_the_peer_unknown() -> None:
    assert find(PROXY, forwarded=("for=203.0.113.9",), x_forwarded=("192.0.2.1",)) is None


def test_a_very_long_trail_is_read_to_a_bound() -> None:
    assert find(PROXY, x_forwarded=(", ".join(["192.0.2.1"] + ["10.0.0.2"] * 5000),)) == "10.0.0.2"


def test_a_unix_socket_has_no_peer() -> None:
    assert find("") is None
