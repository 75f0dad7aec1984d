"""Addresses are cut short when they are old."""

from datetime import UTC, datetime, timedelta

import pytest

from control_plane.activity.models import Activity, Kind
from control_plane.activity.services import find_network, shorten_addresses
from control_plane.activity.tasks import shorten
from tests.control_plane.conftest import MakeUser

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
        ("::1", "::"),
    ],
)
def test_of_an_address_its_network_is_kept(address: str, network: str) -> None:
    assert find_network(address) == network


def test_old_addresses_are_cut_short_and_new_ones_stay(make_user: MakeUser) -> None:
    user = make_user()
    for days in (31, 29):
        at = NOW - timedelta(days=days)
        Activity.objects.create(user=user, kind=Kind.LOGGED_IN, at=at, address="203.0.113.77")
    Activity.objects.create(user=user, kind=Kind.LOGGED_IN, at=NOW - timedelta(days=90))
    shorten_addresses(now=NOW)
    kept = Activity.objects.order_by("at").values_list("address", "is_whole")
    assert list(kept) == [(None, False), ("203.0.113.0", False), ("203.0.113.77", True)]


def test_the_periodic_work_does_it(make_user: MakeUser) -> None:
    old = datetime(2020, 1, 1, tzinfo=UTC)
    Activity.objects.create(user=make_user(), kind=Kind.LOGGED_IN, at=old, address="203.0.113.77")
    shorten()
    assert Activity.objects.get().address == "203.0.113.0"
