"""The database of a test as edges see it: by their own role."""

import hashlib
from typing import Final
from urllib.parse import urlsplit

from django.db import connection

from control_plane.revocations.edge_role import allow_login
from shared.events.revocations import EDGE_ROLE
from tests import services

# The same in all runs against one server, since a role belongs to the server.
_PASSWORD: Final = hashlib.sha256(services.DATABASE_URL.encode()).hexdigest()


def open_to_edges() -> str:
    """Let edges log in to the test's database; the URL by which they do."""
    allow_login(_PASSWORD)
    server = urlsplit(services.DATABASE_URL)
    address = server.netloc.rpartition("@")[2]
    return server._replace(
        netloc=f"{EDGE_ROLE}:{_PASSWORD}@{address}", path=f"/{connection.settings_dict['NAME']}"
    ).geturl()
