"""Tests for control_plane/entitlements/places.py, with a real file of countries."""

from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from control_plane.entitlements.places import (
    NOWHERE,
    Place,
    _open_countries,
    find_place,
    locate,
)

GERMAN, UNKNOWN = "10.1.2.3", "192.0.2.7"
_MARKER = b"\xab\xcd\xefMaxMind.com"


def text(value: str) -> bytes:
    return bytes([0x40 | len(value)]) + value.encode()


def uint16(value: int) -> bytes:
    return b"\xa2" + value.to_bytes(2, "big")


def table(**pairs: bytes) -> bytes:
    encoded = b"".join(text(name) + value for name, value in pairs.items())
    return bytes([0xE0 | len(pairs)]) + encoded


def make_database(country: str) -> bytes:
    """One node: addresses below 128.0.0.0 are in the country, all others nowhere. The format is
    MaxMind DB 2.0, with records of 24 bits."""
    nodes = 1
    tree = (nodes + 16).to_bytes(3, "big") + nodes.to_bytes(3, "big")
    data = table(country=table(iso_code=text(country)))
    metadata = table(
        binary_format_major_version=uint16(2),
        binary_format_minor_version=uint16(0),
        build_epoch=b"\x01\x02\x01",
        database_type=text("Countries"),
        description=table(),
        ip_version=uint16(4),
        languages=b"\x00\x04",
        node_count=b"\xc1\x01",
        record_size=uint16(24),
    )
    return tree + bytes(16) + data + _MARKER + metadata


@pytest.fixture
def countries(settings: Settings, tmp_path: Path) -> Iterator[None]:
    path = tmp_path / "countries.mmdb"
    path.write_bytes(make_database("DE"))
    settings.CONFIG = settings.CONFIG.model_copy(update={"country_database": path})
    yield
    _open_countries.cache_clear()


@pytest.mark.usefixtures("countries")
@pytest.mark.parametrize(
    ("address", "place"),
    [
        (GERMAN, Place(GERMAN, "DE")),
        (UNKNOWN, Place(UNKNOWN, "")),
        ("2001:db8::1", Place("2001:db8::1", "")),
        ("", NOWHERE),
        ("somewhere", NOWHERE),
    ],
)
def test_the_country_of_an_address_comes_from_the_file(address: str, place: Place) -> None:
    assert locate(address) == place


def test_without_a_file_no_country_is_known() -> None:
    assert locate(GERMAN) == Place(GERMAN, "")


@pytest.mark.usefixtures("countries")
def test_the_address_is_the_clients_behind_trusted_proxies_alone(settings: Settings) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR=UNKNOWN, headers={"X-Forwarded-For": GERMAN})
    assert find_place(request) == Place(UNKNOWN, "")
    proxies = {"trusted_proxies": (ip_network(f"{UNKNOWN}/32"),)}
    settings.CONFIG = settings.CONFIG.model_copy(update=proxies)
    assert find_place(request) == Place(GERMAN, "DE")
