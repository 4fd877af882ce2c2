"""A picture of fit: the share of choices that each alternative had against what the model says."""

from __future__ import annotations

import math
from collections.abc import Mapping
from html import escape
from pathlib import Path

_SIZE, _MARGIN = 560, 70
_MOST_LABELS = 25


def plot_fit(shares: Mapping[str, tuple[float, float]], path: Path, title: str) -> Path:
    """Write an SVG with a point per alternative; on the diagonal the model is right.

    Args:
        shares: alternative -> (observed share, predicted share).
        path: where to write.
        title: the heading.
    """
    top = max((max(pair) for pair in shares.values()), default=1.0) or 1.0
    step: float = 10.0 ** math.floor(math.log10(top))
    top = math.ceil(top / step * 1.02) * step
    span = _SIZE - 2 * _MARGIN

    def x(share: float) -> float:
        return _MARGIN + share / top * span

    def y(share: float) -> float:
        return _SIZE - _MARGIN - share / top * span

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIZE} {_SIZE}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="{_SIZE / 2}" y="28" text-anchor="middle" font-size="15">{escape(title)}</text>',
        f'<line x1="{x(0)}" y1="{y(0)}" x2="{x(top)}" y2="{y(top)}" stroke="#999" '
        'stroke-dasharray="4 4"/>',
        f'<path d="M{x(0)} {y(top)}V{y(0)}H{x(top)}" fill="none" stroke="black"/>',
        f'<text x="{_SIZE / 2}" y="{_SIZE - 20}" text-anchor="middle">observed share</text>',
        f'<text x="20" y="{_SIZE / 2}" text-anchor="middle" '
        f'transform="rotate(-90 20 {_SIZE / 2})">predicted share</text>',
    ]
    for k in range(6):
        tick = top * k / 5
        parts.append(
            f'<text x="{x(tick)}" y="{y(0) + 18}" text-anchor="middle">{tick:.3g}</text>'
            f'<text x="{x(0) - 8}" y="{y(tick) + 4}" text-anchor="end">{tick:.3g}</text>'
        )
    named = sorted(shares, key=lambda name: -abs(shares[name][0] - shares[name][1]))
    labelled = set(named[:_MOST_LABELS])
    for name, (observed, predicted) in shares.items():
        parts.append(
            f'<circle cx="{x(observed):.1f}" cy="{y(predicted):.1f}" r="4" fill="#1f6f8b" '
            f'fill-opacity="0.7"><title>{escape(name)}: {observed:.4f} observed, '
            f"{predicted:.4f} predicted</title></circle>"
        )
        if name in labelled:
            parts.append(
                f'<text x="{x(observed) + 6:.1f}" y="{y(predicted) - 6:.1f}" fill="#444">'
                f"{escape(name)}</text>"
            )
    parts.append("</svg>")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(parts), encoding="utf-8")
    return path
