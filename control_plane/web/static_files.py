"""Static files: which files of the browser libraries are served, and how files are sent.

The libraries lie in `node_modules`, where npm put them. Nothing of it is reachable but the files
listed here; they appear below `/static/vendor/` under their path in `node_modules`.
"""

import builtins
from collections.abc import Iterator
from typing import Any, Final, Literal, overload

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core import checks
from django.core.files.storage import FileSystemStorage
from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

PREFIX: Final = "vendor"
LIBRARY_FILES: Final = (
    "hls.js/dist/hls.min.mjs",
    "hls.js/dist/hls.worker.js",
    "media-chrome/dist/iife/all.js",
    "uppy/dist/uppy.min.mjs",
)


class LibraryStorage(FileSystemStorage):
    """The folder that npm fills; `prefix` is where its files appear among the static files."""

    prefix = PREFIX

    def __init__(self) -> None:
        super().__init__(location=settings.NODE_MODULES)


class LibraryFinder(BaseFinder):
    """Finds the listed files of the browser libraries, and no others."""

    def __init__(self, *_args: Any, **_options: Any) -> None:
        self._storage = LibraryStorage()

    def check(self, **_options: Any) -> builtins.list[checks.CheckMessage]:
        """Warn of libraries that were not fetched: pages load without them, but nothing plays."""
        return [
            checks.Warning(
                f"{self._storage.path(name)} is missing.", hint="Run npm ci.", id="web.W001"
            )
            for name in LIBRARY_FILES
            if not self._storage.exists(name)
        ]

    @overload
    def find(self, path: str, find_all: Literal[False] = ...) -> str | None: ...

    @overload
    def find(self, path: str, find_all: Literal[True]) -> builtins.list[str]: ...

    def find(self, path: str, find_all: bool = False) -> str | builtins.list[str] | None:
        folder, _, name = path.partition("/")
        known = folder == PREFIX and name in LIBRARY_FILES and self._storage.exists(name)
        found = [self._storage.path(name)] if known else []
        return found if find_all else next(iter(found), None)

    def list(self, _ignore_patterns: Any) -> Iterator[tuple[str, LibraryStorage]]:
        return ((name, self._storage) for name in LIBRARY_FILES if self._storage.exists(name))


class StaticFilesMiddleware(WhiteNoiseMiddleware):
    """WhiteNoise, but answering with bytes: it hands Django a file, which under ASGI would be
    read whole as well, with a warning each time."""

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        found = static_file.get_response(request.method, request.META)
        content = b""
        if found.file is not None:
            with found.file:
                content = found.file.read()
        response = HttpResponse(content, status=int(found.status))
        del response["Content-Type"]
        for name, value in found.headers:
            response[name] = value
        return response
