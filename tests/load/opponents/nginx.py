"""nginx as one would run it: sendfile, open files kept, no log. One worker."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from tests.load.servers import Server, find_port, listens, run_program

_CONFIGURATION: Final = Path(__file__).with_name("nginx.conf")
# As root nginx would give its worker an account that may not enter the benchmark's folder.
_USER: Final = "user root;" if os.getuid() == 0 else ""


@contextmanager
def serve_nginx(
    binary: Path, folder: Path, media: Path, *, django_port: int = 9
) -> Iterator[Server]:
    """nginx in a new folder below `folder`; `django_port` is that of what it asks."""
    place = Path(tempfile.mkdtemp(prefix="nginx-", dir=folder))
    port = find_port()
    values = {
        "user": _USER,
        "port": str(port),
        "media": str(media),
        "django_port": str(django_port),
    }
    (place / "nginx.conf").write_text(_fill(_CONFIGURATION.read_text(), values))
    with run_program(
        [str(binary), "-p", str(place), "-c", "nginx.conf"],
        output=place / "nginx.out",
        environment={},
        is_ready=partial(listens, port),
    ) as pid:
        yield Server("nginx", port, (pid,))


def _fill(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text
