"""What a running system offers: its addresses, tried out before anybody is told of them."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import aiohttp

from shared.hls.media import parse_media
from shared.hls.multivariant import parse_multivariant
from shared.runtime.logs import redact
from shared.tokens import MAX_TOKEN_LIFE
from standalone.api import Api, ApiRefused, open_api
from standalone.demo_content import ensure_demo_film
from standalone.deployment import ADMIN_EMAIL, Deployment
from standalone.display import Display
from standalone.failure import StartFailed


@dataclass(frozen=True, slots=True)
class Offer:
    """Addresses to open in a browser or a player, and who may log in as administrator."""

    catalogue_url: str
    watch_url: str
    admin_url: str
    admin_email: str
    admin_password_file: Path
    docs_url: str
    playback_url: str


async def prepare_offer(deployment: Deployment, display: Display) -> Offer:
    """Put the demo film in if need be, and return the addresses once all of them work."""
    control_url = deployment.config.control_url
    async with open_api(control_url) as api:
        await _log_in(api, deployment)
        with display.step("Demo film") as step:
            record = deployment.state.demo_record
            video_id = await ensure_demo_film(api, record_file=record, step=step)
        offer = Offer(
            catalogue_url=f"{control_url}/",
            watch_url=f"{control_url}/watch/{video_id}",
            admin_url=f"{control_url}/admin/",
            admin_email=ADMIN_EMAIL,
            admin_password_file=deployment.admin_password_file,
            docs_url=f"{control_url}/api/v1/docs",
            playback_url=await api.issue_playback_url(video_id, valid_for_s=MAX_TOKEN_LIFE),
        )
    with display.step("Addresses"):
        await try_offer(offer)
    return offer


async def _log_in(api: Api, deployment: Deployment) -> None:
    try:
        await api.log_in(ADMIN_EMAIL, deployment.credentials.admin_password)
    except ApiRefused as refused:
        raise StartFailed(
            f"{ADMIN_EMAIL} cannot log in: {refused}",
            remedy="If you changed the password, write the new one to "
            f"{deployment.admin_password_file}.",
        ) from refused


async def try_offer(offer: Offer) -> None:
    """Open each address, and each rendition as far as its first segment.

    Raises `StartFailed` with the one that does not work.
    """
    async with aiohttp.ClientSession() as session:
        for page in (offer.catalogue_url, offer.watch_url, offer.admin_url, offer.docs_url):
            await _fetch(session, page)
        playlist = parse_multivariant(await _fetch_text(session, offer.playback_url))
        uris = {variant.uri for variant in playlist.variants}
        uris |= {media.uri for media in playlist.media if media.uri}
        for uri in sorted(uris):
            await _try_rendition(session, urljoin(offer.playback_url, uri))


def render_offer(offer: Offer, *, logs: Path) -> str:
    """The block of text that says what to open."""
    return f"""
  Sluice is running.

  Watch         {offer.watch_url}
  Catalogue     {offer.catalogue_url}
  Admin         {offer.admin_url}
                {offer.admin_email}, password in {offer.admin_password_file}
  API           {offer.docs_url}

  A playback URL for any player, good for 24 hours:
  {offer.playback_url}

  ffplay {shlex.quote(offer.playback_url)}
  (or `vlc` in place of `ffplay`)

  Logs are in {logs}. Ctrl-C stops everything; films and accounts are kept.
"""


async def _try_rendition(session: aiohttp.ClientSession, url: str) -> None:
    segment = parse_media(await _fetch_text(session, url)).segments[0]
    if segment.map:
        await _fetch(session, urljoin(url, segment.map.uri))
    await _fetch(session, urljoin(url, segment.uri))


async def _fetch_text(session: aiohttp.ClientSession, url: str) -> str:
    return (await _fetch(session, url)).decode()


async def _fetch(session: aiohttp.ClientSession, url: str) -> bytes:
    try:
        async with session.get(url) as response:
            response.raise_for_status()
            return await response.read()
    except aiohttp.ClientError as error:
        raise StartFailed(
            f"{redact(url)} does not work: {redact(str(error))}",
            remedy="The logs of the control plane and the edge say why.",
        ) from error
