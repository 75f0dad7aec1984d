"""Media requests from end to end: find the token, find the file, decide, answer."""

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from multidict import CIMultiDictProxy

from edge.access_log import Visit
from edge.addresses import Networks, find_peer
from edge.assets import AssetIndex, MediaFile, Missing
from edge.bodies import Bodies, Place
from edge.claims import Verifier
from edge.credentials import Credential, find_credential
from edge.denials import Denials
from edge.documents import Documents
from edge.gate import Address, Refused, Verified, Wanted, decide
from edge.http.conditions import Precondition, check_preconditions, select_span
from edge.http.errors import NOT_FOUND, PRECONDITION_FAILED, RANGE_NOT_SATISFIABLE, Failed
from edge.http.ranges import RangeUnsatisfiable, Span
from edge.http.responses import Reply, reply_redirect
from edge.session_table import SessionTable
from shared.asset import VideoPointer
from shared.paths import MAIN_PLAYLIST, Kind, MediaUrl, kind_of, media_path, tokenless_path

_kind_of = lru_cache(maxsize=4096)(kind_of)


class MediaRequest(NamedTuple):
    """A GET or HEAD for media. `address` is the socket's."""

    method: str
    url: MediaUrl
    query: str
    headers: CIMultiDictProxy[str]
    address: str


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
        if limit is not None and file.body is None:
            # only its bytes tell what the limited playlist's entity tag is
            file = await self.bodies.load(place, file)
        return await self._respond(request, file, place)

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

    async def _respond(self, request: MediaRequest, file: MediaFile, place: Place) -> Reply:
        representation = file.representation
        precondition = check_preconditions(request.headers, representation.etag)
        if precondition is Precondition.NOT_MODIFIED:
            return Reply(304, representation.not_modified_head())
        if precondition is Precondition.FAILED:
            raise Failed(PRECONDITION_FAILED)
        if request.method == "HEAD":
            return Reply(200, representation.full_head)
        span = _select_span(request, file)
        if file.body is None and self.bodies.fits_in_ram(file):
            file = await self.bodies.load(place, file)
        if file.body is None:
            return await self._reply_in_chunks(file, span)
        return _reply_whole(file, file.body, span)

    async def _reply_in_chunks(self, file: MediaFile, span: Span | None) -> Reply:
        """The first chunk is read before the head is sent, while an error can still be told."""
        chunks = self.bodies.stream(file, span or Span(0, file.size_bytes))
        first = await anext(chunks)
        if span is None:
            return Reply(200, file.representation.full_head, body=first, chunks=chunks)
        return Reply(206, file.representation.partial_head(span), body=first, chunks=chunks)


def _select_span(request: MediaRequest, file: MediaFile) -> Span | None:
    size = file.size_bytes
    try:
        return select_span(request.headers, file.representation.etag, size)
    except RangeUnsatisfiable as error:
        raise Failed(RANGE_NOT_SATISFIABLE, {"Content-Range": f"bytes */{size}"}) from error


def _reply_whole(file: MediaFile, body: bytes, span: Span | None) -> Reply:
    if span is None:
        return Reply(200, file.representation.full_head, body=body)
    part = memoryview(body)[span.start : span.end]
    return Reply(206, file.representation.partial_head(span), body=part)
