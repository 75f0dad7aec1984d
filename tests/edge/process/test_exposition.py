"""Metrics of several workers as one text."""

import string
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.core import CounterMetricFamily
from prometheus_client.parser import text_string_to_metric_families

from edge.metrics import render_metrics
from edge.process.exposition import ExpositionInvalid, merge_expositions

ONE = '# HELP hits Hits\n# TYPE hits counter\nhits_total{kind="a"} 1.0\n# TYPE age gauge\nage 2.5\n'
TWO = '# HELP hits Hits\n# TYPE hits counter\nhits_total{kind="a"} 5.0\nhits_total{kind="b"} 7.0\n'


def test_families_stay_together_and_samples_name_their_worker() -> None:
    assert merge_expositions({"1": ONE, "2": TWO}).splitlines() == [
        "# HELP hits Hits",
        "# TYPE hits counter",
        'hits_total{worker="1",kind="a"} 1.0',
        'hits_total{worker="2",kind="a"} 5.0',
        'hits_total{worker="2",kind="b"} 7.0',
        "# TYPE age gauge",
        'age{worker="1"} 2.5',
    ]


def test_of_nobody_there_is_nothing() -> None:
    assert merge_expositions({}) == ""
    assert merge_expositions({"1": ""}) == ""


@pytest.mark.parametrize("line", ["<html>", "7up 1", "{} 1", "name", 'na-me{a="b"} 1'])
def test_what_is_no_sample_is_refused(line: str) -> None:
    with pytest.raises(ExpositionInvalid):
        merge_expositions({"1": f"{line}\n"})


@given(
    st.dictionaries(
        st.sampled_from(["1", "2", "3"]),
        st.dictionaries(
            st.text(st.sampled_from([*string.printable, "é"]), max_size=8),
            st.integers(0, 1000),
            max_size=4,
        ),
    )
)
def test_nothing_is_lost_whatever_the_labels_are(counts: dict[str, dict[str, int]]) -> None:
    texts = {}
    for worker, by_label in counts.items():
        family = CounterMetricFamily("hits", "Hits", labels=["kind"])
        for label, count in by_label.items():
            family.add_metric([label], count)
        texts[worker] = render_metrics([partial(iter, [family])]).decode()
    samples = [
        sample
        for family in text_string_to_metric_families(merge_expositions(texts))
        for sample in family.samples
    ]
    assert {(s.labels["worker"], s.labels["kind"]): s.value for s in samples} == {
        (worker, label): count
        for worker, by_label in counts.items()
        for label, count in by_label.items()
    }
    assert len(samples) == sum(map(len, counts.values()))
