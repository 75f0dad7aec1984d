"""Who gets gzip: RFC 9110 section 12.5.3."""

import pytest

from edge.http.encodings import accepts_gzip


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("gzip", id="gzip alone"),
        pytest.param("gzip, deflate, br, zstd", id="as browsers ask"),
        pytest.param("br;q=1.0, gzip;q=0.8, *;q=0.1", id="with weights"),
        pytest.param("GZip", id="another case"),
        pytest.param("x-gzip", id="its older name"),
        pytest.param("gzip;q=0.001", id="hardly"),
        pytest.param("gzip ; Q=1.000", id="spaces and a capital"),
        pytest.param("*", id="anything"),
        pytest.param("identity;q=0, *;q=0.5", id="anything but identity"),
        pytest.param("gzip;q=0.5, identity;q=0.5", id="as gladly as identity"),
        pytest.param(",, gzip ,", id="empty elements"),
    ],
)
def test_gzip_is_wanted(value: str) -> None:
    assert accepts_gzip(value)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="no field"),
        pytest.param("", id="an empty field"),
        pytest.param("identity", id="identity"),
        pytest.param("br, zstd", id="others"),
        pytest.param("gzip;q=0", id="refused"),
        pytest.param("gzip;q=0.000", id="refused at length"),
        pytest.param("gzip;q=0, *", id="anything else"),
        pytest.param("*;q=0", id="nothing"),
        pytest.param("gzip;q=0.5, identity", id="rather identity"),
        pytest.param("gzip;q=1.5", id="a weight too large"),
        pytest.param("gzip;q=0.0001", id="a weight too fine"),
        pytest.param("gzip;q=", id="no weight"),
        pytest.param("gzip;level=9", id="another parameter"),
        pytest.param("gzip deflate", id="no comma"),
        pytest.param("xgzip", id="part of a name"),
        pytest.param("gzip\u0660", id="not ASCII"),
        pytest.param("gzip," * 100, id="too long to be meant"),
    ],
)
def test_gzip_is_not_sent_unasked(value: str | None) -> None:
    assert not accepts_gzip(value)
