"""Where a viewer is, and which rule on places fits: the first of an ordered list."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Final

import maxminddb
from django.conf import settings
from django.http import HttpRequest

from control_plane.client_address import locate_client

_EVERYWHERE: Final = "any"
_COUNTRY: Final = "country"


@dataclass(frozen=True, slots=True)
class Place:
    """An address, and the country it is in, in two letters; each empty where it is not known."""

    address: str = ""
    country: str = ""


NOWHERE: Final = Place()


@dataclass(frozen=True, slots=True)
class PlaceFact:
    """A rule on places; `kind` and `value` are those of `models.PlaceRule`."""

    kind: str
    value: str
    blocks: bool

    @property
    def name(self) -> str:
        action = "block" if self.blocks else "allow"
        return f"{action} {self.value or self.kind}"


def find_place_rule(place: Place, rules: Iterable[PlaceFact]) -> PlaceFact | None:
    """The first rule that fits. What is not known fits only `any`."""
    return next((rule for rule in rules if _fits(rule, place)), None)


def _fits(rule: PlaceFact, place: Place) -> bool:
    if rule.kind == _EVERYWHERE:
        return True
    if rule.kind == _COUNTRY:
        return place.country == rule.value.upper()
    return bool(place.address) and ip_address(place.address) in ip_network(rule.value)


def find_place_fault(kind: str, value: str) -> str:
    """Why a rule's value is none of its kind; empty where it is one."""
    if kind == _EVERYWHERE:
        return "Anywhere has no value." if value else ""
    if kind == _COUNTRY:
        is_code = len(value) == len("DE") and value.isascii() and value.isalpha()
        return "" if is_code else "A country has two letters, as in ISO 3166."
    try:
        ip_network(value)
    except ValueError:
        return "A network is written like 192.0.2.0/24."
    return ""


def find_place(request: HttpRequest) -> Place:
    """Where a request comes from, behind trusted proxies."""
    return locate(locate_client(request))


def locate(address: str) -> Place:
    """The place of an address; without a country where no database of countries is configured."""
    if not _is_address(address):
        return NOWHERE
    reader = _open_countries(settings.CONFIG.country_database)
    return Place(address, "" if reader is None else _look_up(reader, address))


def _look_up(reader: maxminddb.Reader, address: str) -> str:
    """A file may know addresses of IPv4 alone."""
    if ip_address(address).version > reader.metadata().ip_version:
        return ""
    return _read_country(reader.get(address))


@cache
def _open_countries(path: Path | None) -> maxminddb.Reader | None:
    return None if path is None else maxminddb.open_database(path)


def _read_country(record: object) -> str:
    """Of a record as MaxMind and its like have them."""
    country = record.get("country") if isinstance(record, dict) else None
    code = country.get("iso_code") if isinstance(country, dict) else None
    return code if isinstance(code, str) else ""


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
