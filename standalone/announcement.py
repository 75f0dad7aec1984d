"""`standalone.json`: what a running system offers, for programs. It is there while that is so."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from standalone.private_files import write_private


@dataclass(frozen=True, slots=True)
class Announcement:
    """Addresses to open. `playback_url` carries a token, so the file is private."""

    control_plane: str
    edge: str
    watch_url: str
    playback_url: str
    admin_email: str
    admin_password_file: str
    pids: dict[str, int]


def write_announcement(path: Path, announcement: Announcement) -> None:
    """Put the whole file in place at once."""
    write_private(path, json.dumps(asdict(announcement), indent=2) + "\n")
