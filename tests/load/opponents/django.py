"""nginx that asks Django, by `auth_request`, before it sends a file: the usual way to guard one.

Django runs under gunicorn with one synchronous worker, gunicorn's default, behind TCP. For each
file it runs the middleware of `startproject`, verifies the token's signature, times, issuer and
audience with PyJWT, and looks whether the token's video is that of the asset.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from tests.edge.films import ISSUER
from tests.load.opponents.nginx import serve_nginx
from tests.load.servers import Server, find_port, listens, run_program

_SITE: Final = "tests.load.opponents.django_site"


@contextmanager
def serve_nginx_asking_django(
    binary: Path, folder: Path, media: Path, jwks: bytes
) -> Iterator[Server]:
    """Both together: what they cost is added up."""
    place = Path(tempfile.mkdtemp(prefix="django-", dir=folder))
    (place / "jwks.json").write_bytes(jwks)
    port = find_port()
    command = [sys.executable, "-m", "gunicorn", "--workers", "1"]
    with (
        run_program(
            [*command, "--bind", f"127.0.0.1:{port}", f"{_SITE}.wsgi"],
            output=place / "gunicorn.out",
            environment={
                "DJANGO_SETTINGS_MODULE": f"{_SITE}.settings",
                "BENCH_DJANGO_KEYS_FILE": str(place / "jwks.json"),
                "BENCH_DJANGO_ISSUER": ISSUER,
            },
            is_ready=partial(listens, port),
        ) as gunicorn,
        serve_nginx(binary, folder, media, django_port=port) as nginx,
    ):
        yield Server("nginx and Django", nginx.port, (*nginx.pids, gunicorn))
