"""What the two passes over the items' texts lose beside comparing every text exactly.

Usage: python benchmarks/session_texts.py DIR [DIR ...]

Each a folder in the session layout whose products have texts. Printed are the share of the nearest
100 that is found, for what test sessions viewed, and how many of their targets stand among the 100.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from tools.sessions.layout import read_layout
from tools.sessions.rows import first_of
from tools.sessions.single import Views
from tools.sessions.text import encoder_named, item_texts, item_vectors, word_matrix
from tools.sessions.text_parts import TextParts

ROWS = 3000
FIRST = 100


def on(folder: Path) -> None:
    """Measure and print one data set."""
    data = read_layout(folder)
    texts = item_texts(data.products)
    parts = TextParts(item_vectors(texts, encoder_named(None), progress=True), word_matrix(texts))
    nearest = parts.nearest
    rows = np.random.default_rng(0).permutation(len(data.test))[:ROWS]
    found, held, dense, asked = 0.0, 0, 0, 0
    for session in data.test.take(rows).batches(1):
        query = parts.asked(Views(session)).vectors[:1]
        if not query.any():
            continue
        asked += 1
        exact = first_of(nearest.vectors @ query[0], FIRST)
        [few] = nearest.first(query, FIRST)
        found += len(np.intersect1d(exact, few)) / len(exact)
        held += int(session.targets[0] in few)
        dense += int(session.targets[0] in exact)
    size = f"codes of {nearest.index.code_size} bytes" if nearest.index else "no codes"
    print(
        f"{data.name}: {len(texts)} texts, {size}: of the nearest {FIRST} the two passes find "
        f"{found / max(1, asked):.3f}; they hold {held / len(rows):.4f} of {len(rows)} targets, "
        f"every vector {dense / len(rows):.4f}"
    )


def main() -> None:
    """Measure what is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+", metavar="DIR")
    for folder in parser.parse_args().folders:
        on(folder)


if __name__ == "__main__":
    main()
