"""The figures of the study drawn: one SVG and one PNG each."""

from __future__ import annotations

from pathlib import Path
from textwrap import wrap
from typing import Any

from tools.errors import MissingExtra
from tools.sessions.study.report import FIGURES, Row, Study

GROWING = {"12", "13", "viewed"}
COLORS = ("#4269d0", "#efb118", "#ff725c", "#3ca951", "#a463f2", "#9c6b4e", "#6cc5b0", "#97bbf5")


def draw(study: Study, out: Path) -> list[Path]:
    """Every figure that was run, as `figure_NAME.svg` and `.png`.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    try:
        import matplotlib as mpl
    except ImportError as error:
        raise MissingExtra("the plots of a study", "study") from error
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    written = []
    # Text stays text, and the same study gives the same file.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "interarec", "font.size": 9}):
        for name, title in FIGURES.items():
            if name in study.not_run or not study.of(name):
                continue
            figure, axes = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
            for axis, measure in zip(axes, ("mrr@50", "recall@50"), strict=True):
                rows = study.of(name, measure)
                (_lines if name in GROWING | {"input"} else _bars)(axis, rows)
                axis.set_title(measure.upper().replace("RECALL", "Recall"))
                axis.spines[["top", "right"]].set_visible(False)
                axis.set_ylim(bottom=0)
            handles, labels = axes[0].get_legend_handles_labels()
            columns = 4 if max(map(len, labels)) < 32 else 3
            figure.legend(handles, labels, loc="outside lower center", ncols=columns, frameon=False)
            told = f"{study.about.get('data', '')}; {study.about.get('summaries', '')}"
            figure.suptitle("\n".join([title, *wrap(told, 150)]), fontsize=9)
            for kind in ("svg", "png"):
                path = out / f"figure_{name}.{kind}"
                plain = {"Date": None} if kind == "svg" else None
                figure.savefig(path, dpi=110, metadata=plain)
                written.append(path)
            plt.close(figure)
    return written


def _bars(axis: Any, rows: list[Row]) -> None:
    models = list(dict.fromkeys(row.model for row in rows))
    ways = list(dict.fromkeys(row.way for row in rows))
    width = 0.8 / max(1, len(ways))
    for number, way in enumerate(ways):
        mine = {row.model: row for row in rows if row.way == way}
        there = [m for m in models if m in mine]
        places = [models.index(m) - 0.4 + width * (number + 0.5) for m in there]
        values = [mine[m].value for m in there]
        color = COLORS[number % len(COLORS)]
        axis.bar(places, values, width, label=way, color=color)
        axis.errorbar(places, values, _spread([mine[m] for m in there]), fmt="none", ecolor="#333",
                      elinewidth=0.8)  # fmt: skip
    axis.set_xticks(range(len(models)), models, rotation=20, ha="right")


def _lines(axis: Any, rows: list[Row]) -> None:
    several = len({row.way for row in rows}) > 1
    keys = list(dict.fromkeys((row.model, row.way) for row in rows))
    models = list(dict.fromkeys(model for model, _ in keys))
    ways = list(dict.fromkeys(way for _, way in keys))
    for number, (model, way) in enumerate(keys):
        mine = sorted((r for r in rows if (r.model, r.way) == (model, way)), key=lambda r: r.share)
        style = ("-", "--", ":", "-.")[ways.index(way) % 4]
        # A little apart, so that no interval hides another.
        aside = 1.02 ** (number - (len(keys) - 1) / 2)
        axis.errorbar(
            [row.share * 100 * aside for row in mine],
            [row.value for row in mine],
            _spread(mine),
            label=f"{model}, {way}" if several else model,
            color=COLORS[models.index(model) % len(COLORS)],
            linestyle=style,
            marker="o",
            markersize=3,
            elinewidth=0.8,
        )
    axis.set_xscale("log")
    shares = sorted({row.share * 100 for row in rows})
    axis.set_xticks(shares, [f"{share:g} %" for share in shares])
    axis.minorticks_off()
    axis.set_xlabel("training data")


def _spread(rows: list[Row]) -> list[list[float]]:
    return [[row.value - row.low for row in rows], [row.high - row.value for row in rows]]
