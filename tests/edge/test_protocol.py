"""Which aiohttp is fit, and drains that wait for the last byte."""

import aiohttp
import pytest
from aiohttp import http_parser

from edge.protocol import ServerUnfit, check_aiohttp


def test_the_installed_aiohttp_is_fit() -> None:
    check_aiohttp(aiohttp.__version__)


@pytest.mark.parametrize("version", ["3.14.4", "3.9.5", "2.99.99"])
def test_an_old_aiohttp_is_unfit(version: str) -> None:
    with pytest.raises(ServerUnfit, match="older"):
        check_aiohttp(version)


@pytest.mark.parametrize("version", ["3.14.5", "3.15.0", "4.0.0a1"])
def test_a_newer_aiohttp_is_fit(version: str) -> None:
    check_aiohttp(version)


def test_an_aiohttp_without_its_c_parser_is_unfit(monkeypatch: pytest.MonkeyPatch) -> None:
    python_parser = http_parser.HttpRequestParserPy
    monkeypatch.setattr(http_parser, "HttpRequestParser", python_parser)
    with pytest.raises(ServerUnfit, match="C parser"):
        check_aiohttp(aiohttp.__version__)
