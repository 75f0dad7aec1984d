"""What a client is told when bytes cannot be taken."""

from collections.abc import Iterator
from contextlib import contextmanager

from control_plane.errors import Refused
from control_plane.uploads.receiving import ClientGone
from control_plane.uploads.spool import SpoolBusy, SpoolFull
from control_plane.uploads.turns import TurnOver
from shared.runtime.store.interface import StoreFull


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what goes wrong below into `Refused`."""
    try:
        yield
    except (SpoolFull, StoreFull) as error:
        detail = "The server has no room left. What has arrived is kept."
        raise Refused("disk_full", status=507, detail=detail) from error
    except SpoolBusy as error:
        detail = "Another request is sending this upload."
        raise Refused("upload_busy", status=423, detail=detail) from error
    except (TurnOver, ClientGone) as error:
        detail = "The request ended before its body. What has arrived is kept."
        raise Refused("interrupted", status=408, detail=detail) from error
