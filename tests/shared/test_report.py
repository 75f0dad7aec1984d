"""The document that the publish gate leaves beside an asset."""

import pytest

from shared.report import Finding, Report, ReportInvalid, StreamFigures, parse_report, render_report

REPORT = Report(
    failures=(),
    warnings=(Finding(rule="1.30", name="video/720/media.m3u8", text="peaks at 9 bit/s"),),
    figures=(
        StreamFigures(
            name="video/720/media.m3u8",
            kind="video",
            codecs="avc1.64001f",
            duration_ms=7000,
            segments=2,
            frames=210,
            key_frames=4,
            size_bytes=1000,
            overhead_bytes=10,
            peak_bps=9,
            average_bps=4,
            picture_starts_us=0,
        ),
    ),
)


def test_reports_read_back() -> None:
    assert parse_report(render_report(REPORT)) == REPORT


def test_what_is_not_known_is_left_out() -> None:
    assert b"frame_rate" not in render_report(REPORT)


def test_a_finding_says_where_what_and_by_which_rule() -> None:
    assert str(REPORT.warnings[0]) == "video/720/media.m3u8: peaks at 9 bit/s [1.30]"


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b'{"format": 2, "failures": [], "warnings": [], "figures": []}', id="later"),
        pytest.param(b'{"format": 1, "failures": [], "warnings": []}', id="no figures"),
        pytest.param(render_report(REPORT).replace(b'"9"', b"9")[:-1], id="cut off"),
        pytest.param(
            render_report(REPORT).replace(b'"segments":2', b'"segments":"2"'), id="a number as text"
        ),
    ],
)
def test_other_documents_are_refused(document: bytes) -> None:
    with pytest.raises(ReportInvalid):
        parse_report(document)
