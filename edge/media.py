"""Media requests from end to end: find the token, find the file, decide, answer."""

import time
from dataclasses import dataclass, field
from functools import lru_cache

from multidict import CIMultiDictProxy

from edge.access_log import Visit
from edge.addresses import Networks, find_peer
from edge.assets import AssetIndex, MediaFile, Missing
from edge.bodies import Bodies
from edge.claims import Verifier
from edge.credentials import Credential, find_credential
from edge.denials import Denials
from edge.documents import Documents
from edge.gate import Address, Refused, Verified, Wanted, decide
from edge.http.errors import NOT_FOUND, Failed
from edge.http.responses import Reply, reply_redirect
from edge.http.timings import Timings
from edge.serving import FileRequest, serve_file
from edge.session_table import SessionTable
from shared.asset import VideoPointer
from shared.paths import MAIN_PLAYLIST, Kind, MediaUrl, kind_of, media_path, tokenless_path

_kind_of = lru_cache(maxsize=4096)(kind_of)


@dataclass(frozen=True, slots=True)
class MediaRequest:
    """A GET or HEAD for media. `address` is the socket's; `timings` fill up on the way."""

    method: str
    url: MediaUrl
    query: str
    headers: CIMultiDictProxy[str]
    address: str
    timings: Timings = field(default_factory=Timings)


@dataclass(frozen=True, slots=True)
class Media:
    """Answers media requests. Nobody learns anything before the gate has let them in."""

    verifier: Verifier
    sessions: SessionTable
    denials: Denials
    assets: Documents[AssetIndex]
    pointers: Documents[VideoPointer]
    bodies: Bodies
    trusted_proxies: Networks

    async def answer(self, request: MediaRequest, visit: Visit) -> Reply:
        """Raises `Refused`, `Failed`, `ReaderBusy` and `StoreError`."""
        url = request.url
        visit.asset_id, visit.name, visit.kind = url.asset_id, url.name, _kind_of(url.name)
        credential = find_credential(url.token, request.query, request.headers)
        verified = self.verifier.recall(credential.token)
        if verified is None:
            with request.timings.measure("verify"):
                verified = await self.verifier.verify(credential.token)
        visit.session_id = verified.claims.session_id
        if url.asset_id is not None:
            return await self._answer_file(request, url.asset_id, verified, credential)
        # a path that names no asset names a video
        return await self._answer_video(request, url.video_id or "", verified, credential)

    async def _answer_video(
        self, request: MediaRequest, video_id: str, verified: Verified, credential: Credential
    ) -> Reply:
        """A link to a video leads to its present asset, with the token where it was."""
        pointer = await self.pointers.find(video_id)
        asset_id = None if pointer is None else pointer.asset_id
        self._authorise(Wanted(asset_id, video_id, Kind.VIDEO), verified, request)
        if asset_id is None:
            raise Failed(NOT_FOUND)
        if credential.in_path or credential.in_query:
            return reply_redirect(media_path(credential.token, asset_id))
        return reply_redirect(tokenless_path(asset_id))

    async def _answer_file(
        self, request: MediaRequest, asset_id: str, verified: Verified, credential: Credential
    ) -> Reply:
        name = request.url.name
        limit = verified.claims.max_height if name == MAIN_PLAYLIST else None
        place = (asset_id, name, limit)
        file = self.bodies.recall(place) or await self._find(asset_id, name)
        self._authorise(file.wanted, verified, request)
        if isinstance(file, Missing):
            raise Failed(NOT_FOUND)
        if credential.in_query and not credential.in_path:
            return reply_redirect(media_path(credential.token, asset_id, name))
        asked = FileRequest(request.method, request.headers, request.timings)
        reply = await serve_file(file, asked, bodies=self.bodies, place=place)
        reply.head += request.timings.render()
        return reply

    async def _find(self, asset_id: str, name: str) -> MediaFile | Missing:
        index = await self.assets.find(asset_id)
        if index is None:
            return Missing(Wanted(asset_id, None, _kind_of(name)))
        return index.find(name) or Missing(Wanted(asset_id, index.video_id, _kind_of(name)))

    def _authorise(self, wanted: Wanted, verified: Verified, request: MediaRequest) -> None:
        decision = decide(
            wanted,
            verified,
            self.sessions.recall(verified.claims),
            now=int(time.time()),
            origin=request.headers.get("Origin"),
            peer=None if verified.claims.ip is None else self._find_peer(request),
            denials=self.denials,
        )
        if decision.code is not None:
            raise Refused(
                decision.code,
                decision.cause,
                rule=decision.rule,
                holders=decision.holders,
                verified=verified,
            )

    def _find_peer(self, request: MediaRequest) -> Address | None:
        return find_peer(
            request.address,
            self.trusted_proxies,
            forwarded=request.headers.getall("Forwarded", ()),
            x_forwarded=request.headers.getall("X-Forwarded-For", ()),
        )
