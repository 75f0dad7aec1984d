"""`standalone.json`: what a running system offers, for programs. It is there while that is so."""

import json
from collections.abc import Callable

from standalone.deployment import Deployment
from standalone.offer import Offer
from standalone.private_files import write_private


class Announcement:
    """The file. It holds a token, so it is its owner's alone."""

    def __init__(self, deployment: Deployment) -> None:
        self._path = deployment.state.announcement
        self._config = deployment.config
        self._describe: Callable[[], dict[str, object]] | None = None

    def publish(self, offer: Offer, pids: Callable[[], dict[str, int]]) -> None:
        """Put the file in place."""
        self._describe = lambda: {
            "control_plane": self._config.control_url,
            "edge": self._config.edge_url,
            "watch_url": offer.watch_url,
            "playback_url": offer.playback_url,
            "admin_email": offer.admin_email,
            "admin_password_file": str(offer.admin_password_file),
            "pids": pids(),
        }
        self.refresh()

    def refresh(self) -> None:
        """Tell of new processes, while anything is told at all."""
        if self._describe:
            write_private(self._path, json.dumps(self._describe(), indent=2) + "\n")

    def withdraw(self) -> None:
        self._describe = None
        self._path.unlink(missing_ok=True)
