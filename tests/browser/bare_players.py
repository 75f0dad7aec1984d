"""hls.js and Shaka on a page with nothing else, so that what they do is theirs alone."""

from typing import Final

from playwright.sync_api import Page
from pydantic import BaseModel, TypeAdapter

from tests.players import Player
from tests.stack import ROOT

_DOCUMENT: Final = "<!doctype html><video muted crossorigin></video>"
_LIBRARIES: Final = {
    Player.HLS_JS: "hls.js/dist/hls.min.js",
    Player.SHAKA: "shaka-player/dist/shaka-player.compiled.js",
}
_START: Final = {
    Player.HLS_JS: """([url, options]) => {
      window.faults = [];
      window.player = new Hls(Function(`return { ${options} };`)());
      player.on(Hls.Events.ERROR, (_, { details, response }) =>
        faults.push({ name: details, status: response?.code ?? 0 }));
      player.loadSource(url);
      player.attachMedia(document.querySelector("video"));
    }""",
    Player.SHAKA: """async ([url, filter]) => {
      window.faults = [];
      window.player = new shaka.Player();
      const note = ({ code, data }) =>
        faults.push({ name: String(code), status: code === 1001 ? data[1] : 0 });
      player.addEventListener("error", ({ detail }) => note(detail));
      if (filter) Function("player", `player.getNetworkingEngine().${filter};`)(player);
      await player.attach(document.querySelector("video"));
      player.load(url).catch(note);
    }""",
}
_TAKE_RUNG: Final = {
    Player.HLS_JS: """(height) => {
      player.currentLevel = player.levels.findIndex((level) => level.height === height);
    }""",
    Player.SHAKA: """(height) => {
      player.configure("abr.enabled", false);
      const tracks = player.getVariantTracks();
      player.selectVariantTrack(tracks.find((track) => track.height === height), true);
    }""",
}
_ASK_FOR_COOKIE: Final = """async ([url, token]) => {
  const headers = { Authorization: `Bearer ${token}` };
  return (await fetch(url, { method: "POST", headers })).status;
}"""


class Fault(BaseModel):
    """What a player says went wrong; `status` is HTTP's, or 0."""

    name: str
    status: int


def open_player(page: Page, player: Player, *, edge_url: str) -> None:
    """A page of this edge's origin, with the player's library."""
    page.goto(f"{edge_url}/livez")
    page.set_content(_DOCUMENT)
    page.add_script_tag(path=ROOT / "node_modules" / _LIBRARIES[player])


def start_film(page: Page, player: Player, url: str, *told: str) -> None:
    page.evaluate(_START[player], [url, ", ".join(told)])


def take_rung(page: Page, player: Player, height: int) -> None:
    page.evaluate(_TAKE_RUNG[player], height)


def ask_for_cookie(page: Page, edge_url: str, token: str) -> int:
    """The edge's answer to a page that has a token and wants it as a cookie."""
    return int(page.evaluate(_ASK_FOR_COOKIE, [f"{edge_url}/v1/cookie", token]))


def list_faults(page: Page) -> list[Fault]:
    return TypeAdapter(list[Fault]).validate_python(page.evaluate("faults"))
