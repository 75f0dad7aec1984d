"""May this viewer have this file? The signed token says who it is, a table what belongs to what."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import jwt

_FILE: Final = re.compile(r"/asked/([0-9a-f-]{36})/[\w./-]+\?token=([\w.-]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Judge:
    """Whose tokens to believe, and the video of each asset, which would be a query elsewhere."""

    key: jwt.PyJWK
    issuer: str
    video_of: Mapping[str, str]

    def admits(self, uri: str) -> bool:
        """Whether the token in a request's URI is genuine and names the video of the asset."""
        asked = _FILE.fullmatch(uri)
        if asked is None:
            return False
        asset_id, token = asked.groups()
        try:
            claims = jwt.decode(
                token,
                self.key,
                algorithms=["EdDSA"],
                audience="edge",
                issuer=self.issuer,
                options={"require": ["exp", "vid"]},
            )
        except jwt.InvalidTokenError:
            return False
        return bool(claims["vid"] == self.video_of.get(asset_id))
