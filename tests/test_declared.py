"""Errors are told apart by what an edge says of them."""

from tests.declared import count_statuses, count_undeclared


def test_answers_are_counted_by_status_and_errors_against_what_is_declared() -> None:
    metrics = {
        ("requests_total", "video", "200", "1"): 5.0,
        ("requests_total", "poster", "200", "2"): 1.0,
        ("requests_total", "video", "503", "1"): 3.0,
        ("requests_total", "video", "500", "2"): 1.0,
        ("problems_total", "busy", "1"): 2.0,
        ("problems_total", "store_unavailable", "2"): 1.0,
        ("problems_total", "internal", "2"): 1.0,
    }
    assert count_statuses(metrics) == {"200": 6, "500": 1, "503": 3}
    assert count_undeclared(metrics) == 1
