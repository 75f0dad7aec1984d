"""Live sessions of a viewer: a lease each, which lives for `LEASE_S` past the last request."""

from typing import Final

LEASE_S: Final = 90
