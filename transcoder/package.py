"""The package of one asset: its files on their way into the store.

Names: `video/<height>/` and `audio/stereo/` each hold `init.mp4`, segments `1.m4s` and on, and
`media.m3u8`; a rung has `iframes.m3u8` as well. `main.m3u8` names them all.
"""

from shared.asset import AssetFile, content_type_of, etag_of
from shared.paths import asset_key
from shared.runtime.store.interface import Store


class AssetFolder:
    """An asset's place in the store; remembers what was put there."""

    def __init__(self, store: Store, asset_id: str) -> None:
        self._store = store
        self._asset_id = asset_id
        self.files: list[AssetFile] = []

    def put(self, name: str, content: bytes) -> str:
        """Store a finished file; returns its entity tag. Threads may call this at once."""
        etag = etag_of(content)
        self._store.put(asset_key(self._asset_id, name), content)
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

    def get(self, name: str) -> bytes:
        return self._store.get(asset_key(self._asset_id, name))

    def get_range(self, name: str, offset: int, length: int) -> bytes:
        return self._store.get_range(asset_key(self._asset_id, name), offset, length)


def _height_of(name: str) -> int | None:
    """The rung a file belongs to, `video/720/...`."""
    folder, _, rest = name.partition("/")
    return int(rest.partition("/")[0]) if folder == "video" else None
