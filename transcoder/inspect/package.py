"""Anybody's package: judged by the rules alone."""

from pathlib import Path
from typing import Final

from shared.asset import AssetInvalid, parse_asset
from shared.paths import ASSET_DOCUMENT, MAIN_PLAYLIST
from shared.report import Report
from shared.runtime.store.interface import ObjectMissing
from transcoder.inspect.figures import list_figures
from transcoder.inspect.gate import inspect_package
from transcoder.inspect.rules import RULES, judge
from transcoder.inspect.sources import FolderSource, Source, SourceUnreadable
from transcoder.inspect.walk import PresentationUnreadable, walk_presentation
from transcoder.inspect.web_source import WebSource, is_web_address

_MARK: Final = "#EXT-X-STREAM-INF"
_ENDING: Final = "m3u8"


def inspect_place(place: str, *, decodes_all: bool = False) -> Report:
    """Check what lies at a URL, in a folder, or behind a multivariant playlist on disk.

    An asset of ours, which has its document beside it, is checked as it is before it is published.
    Raises `PresentationUnreadable` when there is nothing to check.
    """
    if is_web_address(place):
        return inspect_anything(WebSource(place), place, decodes_all=decodes_all)
    if "://" in place:
        raise PresentationUnreadable(f"{place}: neither a folder nor a URL of http or https")
    path = Path(place)
    if path.is_file():
        return inspect_anything(FolderSource(path.parent), path.name, decodes_all=decodes_all)
    if (path / ASSET_DOCUMENT).is_file():
        return _inspect_asset(path, decodes_all=decodes_all)
    name = _find_main(path)
    return inspect_anything(FolderSource(path), name, decodes_all=decodes_all)


def inspect_anything(source: Source, address: str, *, decodes_all: bool = False) -> Report:
    """Check a package by its multivariant playlist; raises `PresentationUnreadable`."""
    presentation = walk_presentation(source, address, decodes_all=decodes_all)
    found = [(rule, finding) for rule in RULES for finding in judge(presentation, rule)]
    return Report(
        failures=tuple(finding for rule, finding in found if rule.is_must),
        warnings=tuple(finding for rule, finding in found if not rule.is_must),
        figures=tuple(list_figures(presentation)),
    )


def _inspect_asset(folder: Path, *, decodes_all: bool) -> Report:
    source = FolderSource(folder)

    def read(name: str) -> bytes:
        try:
            return source.read(name)
        except SourceUnreadable as error:
            raise ObjectMissing(name) from error

    try:
        asset = parse_asset(source.read(ASSET_DOCUMENT))
    except (SourceUnreadable, AssetInvalid) as error:
        raise PresentationUnreadable(f"{ASSET_DOCUMENT} cannot be read: {error}") from error
    return inspect_package(asset, read, decodes_all=decodes_all)


def _find_main(folder: Path) -> str:
    """The multivariant playlist of a folder: `main.m3u8`, or the only one there is."""
    if not folder.is_dir():
        raise PresentationUnreadable(f"{folder}: no such folder")
    if (folder / MAIN_PLAYLIST).is_file():
        return MAIN_PLAYLIST
    found = [
        path.name
        for path in sorted(folder.glob(f"*.{_ENDING}"))
        if _MARK in path.read_text(errors="replace")
    ]
    if len(found) != 1:
        what = f"several multivariant playlists: {', '.join(found)}" if found else "no multivariant"
        raise PresentationUnreadable(f"{folder}: {what}{'' if found else ' playlist'}")
    return found[0]
