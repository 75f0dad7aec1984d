"""The package of one asset: its files on their way into the store.

Names: `video/<height>/` and `audio/stereo/` each hold `init.mp4`, segments `1.m4s` and on, and
`media.m3u8`; a rung has `iframes.m3u8` as well. `main.m3u8` names them all.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from shared.asset import AssetFile, content_type_of, etag_of
from shared.paths import asset_key
from shared.runtime.store.interface import Store

_SEGMENT_ENDING: Final = ".m4s"


class FileFolder:
    """A place in the store for files that are named as in an asset; remembers what was put there.
    `place` makes a file's key of its name."""

    def __init__(self, store: Store, place: Callable[[str], str]) -> None:
        self.files: list[AssetFile] = []
        self._store = store
        self._place = place

    @property
    def size_bytes(self) -> int:
        return sum(file.size_bytes for file in self.files)

    def put(self, name: str, content: bytes) -> str:
        """Store a finished file; returns its entity tag. Threads may call this at once."""
        self._store.put(self._place(name), content)
        return self._note(name, content)

    def link(self, places: Iterable[tuple[str, str]]) -> None:
        """Take files over that lie elsewhere in the store: (key there, name here)."""
        copies = list(places)
        self._store.copy_all((key, self._place(name)) for key, name in copies)
        for _, name in copies:
            if not name.endswith(_SEGMENT_ENDING):
                self._note(name, self.get(name))

    def get(self, name: str) -> bytes:
        return self._store.get(self._place(name))

    def get_range(self, name: str, offset: int, length: int) -> bytes:
        return self._store.get_range(self._place(name), offset, length)

    def _note(self, name: str, content: bytes) -> str:
        etag = etag_of(content)
        self.files.append(
            AssetFile(
                name=name,
                size_bytes=len(content),
                etag=etag,
                content_type=content_type_of(name),
                height=_height_of(name),
            )
        )
        return etag


class AssetFolder(FileFolder):
    """An asset's place in the store."""

    def __init__(self, store: Store, asset_id: str) -> None:
        super().__init__(store, partial(asset_key, asset_id))


def _height_of(name: str) -> int | None:
    """The rung a file belongs to, `video/720/...`."""
    folder, _, rest = name.partition("/")
    return int(rest.partition("/")[0]) if folder == "video" else None
