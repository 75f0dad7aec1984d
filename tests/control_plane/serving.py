"""The control plane as it is run: served by uvicorn, in this process or in one of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import TypeAlias
from urllib.parse import urlsplit

import uvicorn
from django.conf import settings
from django.db import connection
from django.test import Client

from control_plane.accounts.models import User

Address: TypeAlias = tuple[str, int]
Headers: TypeAlias = dict[str, str]

CSRF_TOKEN = "c" * 32


@contextmanager
def serve_here() -> Iterator[Address]:
    """Serve from a thread of this process, so that a test may reach inside."""
    from control_plane.asgi import application

    config = uvicorn.Config(application, port=0, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    thread = Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
        yield server.servers[0].sockets[0].getsockname()
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def run_module(*arguments: str, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of the control plane on the test's own database; killed in the end."""
    url = urlsplit(settings.CONFIG.database_url.get_secret_value())
    environment = {
        **os.environ,  # noqa: TID251  (what the settings of tests have put there)
        "DATABASE_URL": url._replace(path=f"/{connection.settings_dict['NAME']}").geturl(),
        "DJANGO_SETTINGS_MODULE": "control_plane.settings",
        **variables,
    }
    process = subprocess.Popen([sys.executable, "-m", *arguments], env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def open_session(user: User) -> Headers:
    """What a page sends with every request of somebody who is logged in."""
    client = Client()
    client.force_login(user)
    cookies = f"sessionid={client.cookies['sessionid'].value}; csrftoken={CSRF_TOKEN}"
    return {"Cookie": cookies, "X-CSRFToken": CSRF_TOKEN}
