"""Calls to providers: soon given up, never sent on elsewhere, told by no variable where to go."""

from typing import Any, Final

from requests import Response, Session

_CONNECT_S: Final = 3
_READ_S: Final = 5


class ProviderSession(Session):
    """A provider that answers with a redirect has not answered: who it points to is not asked."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False

    def request(self, method: str, url: str, **options: Any) -> Response:  # type: ignore[override]
        limits = {"timeout": (_CONNECT_S, _READ_S), "allow_redirects": False}
        return super().request(method, url, **{**options, **limits})
