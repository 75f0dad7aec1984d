"""A soak run as a picture: each figure over time."""

from pathlib import Path

import matplotlib as mpl

mpl.use("agg")

from matplotlib import pyplot as plt

from tests.load.soak_samples import MEASURES, Run


def draw_run(run: Run, file: Path) -> None:
    figure, places = plt.subplots(len(MEASURES), 1, figsize=(9, 2 * len(MEASURES)), sharex=True)
    minutes = [sample.at_s / 60 for sample in run.samples]
    for axes, measure in zip(places, MEASURES, strict=True):
        axes.plot(minutes, [measure.of(sample) for sample in run.samples], color="#1f6feb")
        axes.axvline(minutes[len(minutes) // 2], color="#888888", ls=":")
        axes.set_title(measure.name, loc="left", fontsize=10)
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
    places[-1].set_xlabel("minutes; the slope is that right of the dotted line")
    figure.tight_layout()
    figure.savefig(file, dpi=100)
    plt.close(figure)
