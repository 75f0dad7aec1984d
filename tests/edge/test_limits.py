"""What one client may take, and that nobody else pays for it."""

from collections import Counter
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from edge.limits import (
    UNKNOWN_CLIENT,
    AtOnce,
    BytesInFlight,
    Clients,
    ConnectionLimit,
    NoRoom,
    RefusalRate,
    TooMany,
    client_key,
)

PROXIES = (ip_network("10.0.0.0/8"), ip_network("2001:db8:ffff::/48"))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("0.0.0.1", "::1", False),
    ],
)
def test_a_client_is_an_ipv4_address_or_an_ipv6_network(one: str, other: str, same: bool) -> None:
    assert (client_key(ip_address(one)) == client_key(ip_address(other))) is same


def test_nobody_is_like_an_unknown_client() -> None:
    assert client_key(None) == UNKNOWN_CLIENT
    assert client_key(ip_address(0)) != UNKNOWN_CLIENT


def test_who_has_all_there_is_waits_for_nobody_elses_place() -> None:
    places: AtOnce[str] = AtOnce(2)
    assert [places.enter("a") for _ in range(3)] == [True, True, False]
    assert places.enter("b")
    places.leave("b")
    assert not places.enter("a")
    places.leave("a")
    assert places.enter("a")
    assert places.turned_away == 2


def test_who_takes_a_place_gets_the_way_out() -> None:
    places: AtOnce[str] = AtOnce(1)
    leave = places.take("a")
    with pytest.raises(TooMany):
        places.take("a")
    leave()
    assert len(places) == 0


@given(st.lists(st.tuples(st.booleans(), st.sampled_from("abc")), max_size=200), st.integers(1, 4))
def test_places_are_what_was_entered_and_not_left(
    steps: list[tuple[bool, str]], limit: int
) -> None:
    places: AtOnce[str] = AtOnce(limit)
    model: Counter[str] = Counter()
    for enters, key in steps:
        if enters:
            assert places.enter(key) == (model[key] < limit)
            model[key] = min(limit, model[key] + 1)
        elif model[key]:
            places.leave(key)
            model[key] -= 1
        assert len(places) == sum(count > 0 for count in model.values())


def test_connections_of_one_network_are_counted_together() -> None:
    connections = ConnectionLimit(2, PROXIES)
    assert connections.enter("2001:db8::1")
    assert connections.enter("2001:db8::2")
    assert not connections.enter("2001:db8::3")
    assert connections.enter("192.0.2.1")
    connections.leave("2001:db8::1")
    assert connections.enter("2001:db8::3")


@pytest.mark.parametrize("proxy", ["10.1.2.3", "2001:db8:ffff::1", "::ffff:10.1.2.3"])
def test_trusted_proxies_carry_as_many_as_they_like(proxy: str) -> None:
    connections = ConnectionLimit(1, PROXIES)
    assert all(connections.enter(proxy) for _ in range(100))
    for _ in range(100):
        connections.leave(proxy)
    assert len(connections.clients) == 0


@pytest.mark.parametrize(
    ("address", "fields", "client", "behind_proxy"),
    [
        ("192.0.2.1", {}, "192.0.2.1", False),
        ("192.0.2.1", {"X-Forwarded-For": "192.0.2.9"}, "192.0.2.1", False),
        ("10.0.0.1", {"X-Forwarded-For": "192.0.2.9"}, "192.0.2.9", True),
        ("10.0.0.1", {"Forwarded": "for=192.0.2.9"}, "192.0.2.9", True),
        ("10.0.0.1", {}, "10.0.0.1", True),
    ],
    ids=["direct", "forged", "by X-Forwarded-For", "by Forwarded", "the proxy itself"],
)
def test_requests_count_for_those_who_sent_them(
    address: str, fields: dict[str, str], client: str, behind_proxy: bool
) -> None:
    headers = CIMultiDictProxy(CIMultiDict(fields))
    clients = Clients(PROXIES)
    key = client_key(ip_address(client))
    assert clients.find(address, headers) == key
    assert clients.find_behind_proxy(address, headers) == (key if behind_proxy else None)


def test_without_proxies_nobody_is_behind_one() -> None:
    headers = CIMultiDictProxy(CIMultiDict({"X-Forwarded-For": "192.0.2.9"}))
    assert Clients(()).find_behind_proxy("10.0.0.1", headers) is None


def test_those_without_an_address_share_one_limit() -> None:
    connections = ConnectionLimit(1, PROXIES)
    assert connections.enter("")
    assert not connections.enter("nonsense")


def test_bytes_above_the_limit_are_turned_away() -> None:
    flight = BytesInFlight(100)
    leave = flight.take(60)
    with pytest.raises(NoRoom):
        flight.take(41)
    flight.take(40)()
    assert (flight.held, flight.turned_away) == (60, 1)
    leave()
    assert flight.held == 0


def test_one_body_always_has_room() -> None:
    BytesInFlight(100).take(1000)


def test_refusals_above_the_rate_are_not_explained_until_time_has_passed() -> None:
    rate = RefusalRate(2)
    assert [rate.allows(1, now=0) for _ in range(11)] == [True] * 10 + [False]
    assert not rate.allows(1, now=0.4)
    assert rate.allows(1, now=0.6)
    assert not rate.allows(1, now=0.7)
    assert rate.turned_away == 3


def test_one_client_does_not_spend_anothers_refusals() -> None:
    rate = RefusalRate(1)
    while rate.allows(1, now=0):
        pass
    assert rate.allows(2, now=0)


def test_a_rate_below_one_still_allows_one() -> None:
    rate = RefusalRate(0.1)
    assert rate.allows(1, now=0)
    assert not rate.allows(1, now=5)
    assert rate.allows(1, now=10.1)


def test_a_million_clients_take_no_more_memory_than_some() -> None:
    rate = RefusalRate(1, most_clients=100)
    for client in range(10_000):
        assert rate.allows(client, now=client)
    assert len(rate) == 100


def test_a_clock_that_goes_back_gives_nothing_away() -> None:
    rate = RefusalRate(1)
    while rate.allows(1, now=100):
        pass
    assert not rate.allows(1, now=50)


@given(
    st.floats(0.1, 50),
    st.lists(st.floats(0, 2, allow_nan=False), min_size=1, max_size=300),
)
def test_no_client_gets_more_than_its_burst_and_its_rate(per_s: float, gaps: list[float]) -> None:
    rate, now, allowed = RefusalRate(per_s), 0.0, 0
    for gap in gaps:
        now += gap
        allowed += rate.allows(7, now=now)
    assert allowed <= max(1, per_s * 5) + per_s * now + 1e-6
