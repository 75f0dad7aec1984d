"""The control plane's settings, with a route beside its own that answers a constant."""

from control_plane.settings import *  # noqa: F403

ROOT_URLCONF = "tests.load.control.urls"
