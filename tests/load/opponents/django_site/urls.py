"""The one view: what nginx asks before each file that it sends."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.urls import path
from jwt import PyJWKSet

from shared.runtime.config import load_config
from tests.edge.films import ASSET_ID, VIDEO_ID
from tests.load.opponents.django_site.config import Config
from tests.load.opponents.django_site.judge import Judge

_CONFIG: Final = load_config(Config)
_JUDGE: Final = Judge(
    PyJWKSet.from_json(_CONFIG.keys_file.read_text()).keys[0],
    _CONFIG.issuer,
    {ASSET_ID: VIDEO_ID},
)


def answer_nginx(request: HttpRequest) -> HttpResponse:
    may_have = _JUDGE.admits(request.headers.get("X-Original-URI", ""))
    return HttpResponse(status=204 if may_have else 403)


urlpatterns = [path("may_watch", answer_nginx)]
