"""CPU time of session models: fit, questions, one session, one list of candidates.

Usage: python benchmarks/session_speed.py [--data DIR] [--items 100000] [--text] [--recbole PYTHON]

With --data (a folder in the session layout) V-SKNN is fitted and asked 3,000 test rows; what is
counted is reading the files, the fit and the questions; interpreter start and imports are printed
beside it. Without it only the made-up catalogue is measured. The other side of each ratio is the
plainest way to the same lists: dense scores of every item and a full sort. With --recbole (the
interpreter of an environment that holds it, see `recbole_answers`) RecBole 1.2.1 stands beside it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from recbole_answers import answers_there, neighbours_there

from tools.sessions.counting import ItemKNN, SequentialRules
from tools.sessions.data import SessionData, Sessions
from tools.sessions.hybrid import Hybrid
from tools.sessions.layout import read_layout
from tools.sessions.nearest import Nearest
from tools.sessions.neighbours import VSKNN, VSKNNWithRules
from tools.sessions.products import Products
from tools.sessions.protocol import SessionModel
from tools.sessions.rerank import paper_rerank

QUESTIONS = 3000
THERE = "RecBole 1.2.1"


def per_call(action: Callable[[], object], times: int = 60) -> tuple[float, float]:
    """Median and 95th percentile of the CPU milliseconds of one call, after three to warm up."""
    for _ in range(3):
        action()
    taken = []
    for _ in range(times):
        begun = time.process_time()
        action()
        taken.append(1000 * (time.process_time() - begun))
    return float(np.median(taken)), float(np.percentile(taken, 95))


def line(what: str, told: tuple[float, float], asked: str = "") -> None:
    """One row of the table."""
    print(f"{what:58s} {told[0]:8.2f} ms  95 % {told[1]:8.2f} ms  {asked}", flush=True)


def on_files(folder: Path, recbole: Path | None) -> None:
    """V-SKNN on real sessions."""
    import scipy.sparse  # noqa: F401  (counted with the imports)

    imports = time.process_time()
    data = read_layout(folder)
    read = time.process_time()
    model = VSKNN()
    model.fit(data)
    fit = time.process_time()
    rng = np.random.default_rng(0)
    few = data.test.take(np.sort(rng.choice(len(data.test), min(QUESTIONS, len(data.test)), False)))
    begun = time.process_time()
    model.score(few, 50)
    asked = time.process_time() - begun
    total = read - imports + fit - read + asked
    print(
        f"V-SKNN on {data.name}: {len(data.train)} sessions, {data.n_items} items, "
        f"{len(few)} questions\n"
        f"  read {read - imports:.2f} s + fit {fit - read:.2f} s + questions {asked:.2f} s = "
        f"{total:.2f} CPU s (asked < 3); start and imports {imports:.2f} s besides"
    )
    some = few.slice(0, min(100, len(few)))
    begun = time.process_time()
    dense = model.scores(some)
    np.argsort(-dense, axis=1, kind="stable")[:, :50]
    plain = (time.process_time() - begun) / len(some)
    print(
        f"  a question: {1000 * asked / len(few):.3f} ms; dense scores and a full sort "
        f"{1000 * plain:.3f} ms, {plain / (asked / len(few)):.0f} times as long"
    )
    if recbole:
        there = neighbours_there(recbole, data.n_items, data.train.sequences(), few)
        took = there["fit"] + there["asked"]
        print(
            f"  {THERE}'s ItemKNN: fit {there['fit']:.2f} s + questions {there['asked']:.2f} s = "
            f"{took:.2f} CPU s, {took / (fit - read + asked):.0f} times as long"
        )


def made_up(items: int, text: bool) -> SessionData:
    """Sessions of popular and rare items, neighbours by number."""
    rng = np.random.default_rng(0)
    rows = []
    for _ in range(items):
        at = int(items * rng.random() ** 2)
        rows.append(((at + rng.integers(0, 40, rng.integers(2, 9))) % items).tolist())
    sessions = Sessions.from_rows([r[:-1] for r in rows], [r[-1] for r in rows])
    products = None
    if text:
        products = Products({"title": titles(items)}, np.ones(items, bool))
    few = sessions.slice(0, 2000)
    return SessionData([str(i) for i in range(items)], items, sessions, few, few, products)


def titles(items: int) -> list[str]:
    """Brand, kind and six further words; frequent and rare ones as in real titles (Zipf 1949)."""
    rng = np.random.default_rng(2)
    letters = np.array(list("aeioulnrstmkpdbgv"))

    def words(count: int) -> NDArray[np.str_]:
        return np.array(["".join(rng.choice(letters, rng.integers(3, 10))) for _ in range(count)])

    def drawn(vocabulary: NDArray[np.str_], shape: tuple[int, ...]) -> NDArray[np.str_]:
        chance = 1 / np.arange(1, len(vocabulary) + 1)
        return rng.choice(vocabulary, shape, p=chance / chance.sum())

    kinds, brands, others = (
        words(400),
        drawn(words(3000), (items,)),
        drawn(words(20000), (items, 6)),
    )
    return [
        f"{brand} {kinds[i // 40 % len(kinds)]} {' '.join(rest)}"
        for i, (brand, rest) in enumerate(zip(brands, others, strict=True))
    ]


def on_one_session(items: int, text: bool, recbole: Path | None) -> None:
    """A warm answer for one session."""
    data = made_up(items, text)
    sessions = [data.test.slice(i, i + 1) for i in range(100)]
    at = iter(np.tile(np.arange(100), 100))
    models: list[SessionModel] = [VSKNN(), VSKNNWithRules(), ItemKNN(), SequentialRules()]
    for model in models:
        model.fit(data)
        line(
            f"{model.name}: one session against {items} items",
            per_call(lambda m=model: m.score(sessions[next(at)], 20, remove_viewed=True)),  # type: ignore[misc]
            "(asked < 3)",
        )
    # One learner, so that the fit does not try both.
    hybrid = Hybrid(encoder="hashing", learner="trees")
    hybrid.fit(data)
    rng = np.random.default_rng(1)
    given = [np.sort(rng.choice(items, 500, replace=False)).astype(np.int32) for _ in range(100)]

    def score() -> object:
        return hybrid.score(sessions[next(at)], 20)

    def rerank() -> object:
        i = next(at)
        return hybrid.rerank(sessions[i], [given[i]])

    def every() -> object:
        return hybrid.rerank(sessions[next(at)], [np.arange(items, dtype=np.int32)])

    whole, few = f"hybrid: one session against {items} items", "hybrid: 500 given candidates"
    line(whole, per_call(score), "(asked < 3)")
    line(f"{few}, features and order", per_call(rerank), "(asked < 2)")
    line(f"hybrid: features and order of all {items} items", per_call(every, 10))
    if recbole:
        there = answers_there(recbole, items, data.test.slice(0, 100), given)
        line(f"{THERE}'s GRU4Rec: one session against {items} items", there["whole"])
        line(f"{THERE}'s GRU4Rec: order of 500 given candidates", there["given"])
    if hybrid.parts.texts is not None:
        on_texts(hybrid.parts.texts.nearest)
    found = hybrid.parts.candidates(sessions[0], given[:1])
    line("hybrid: order of 500 candidates with features", per_call(lambda: hybrid.judge(found)),
         "(asked < 2)")  # fmt: skip
    vectors = rng.normal(size=(items, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    lists = VSKNN()
    lists.fit(data)
    top = lists.score(sessions[0], 500)
    line("the paper's rule: order of 500 candidates by cosine (384)", per_call(
        lambda: paper_rerank(top, vectors[:1], vectors)), "(asked < 2)")  # fmt: skip


def _codes(nearest: Nearest) -> str:
    return f"codes of {nearest.index.code_size} bytes" if nearest.index else "no codes"


def on_texts(nearest: Nearest) -> None:
    """The nearest texts, in two passes and by the product with every vector."""
    items = len(nearest.vectors)
    queries = nearest.vectors[:: max(1, items // 100)][:100]
    at = iter(np.tile(np.arange(len(queries)), 100))

    def dense() -> object:
        return np.argpartition(nearest.vectors @ queries[next(at)], items - 100)[items - 100 :]

    line(f"nearest 100 of {items} texts, {_codes(nearest)}, then exactly",
         per_call(lambda: nearest.first(queries[next(at)][None], 100)))  # fmt: skip
    line("nearest 100, every vector", per_call(dense))
    edges = [np.sort(nearest.vectors @ query)[-100] - 1e-6 for query in queries]
    found = [
        (nearest.vectors[nearest.first(query[None], 100)[0]] @ query >= edge).mean()
        for query, edge in zip(queries, edges, strict=True)
    ]
    print(f"  of the nearest 100 the two passes find {np.mean(found):.3f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--text", action="store_true", help="give the made-up items titles")
    parser.add_argument("--recbole", type=Path, metavar="PYTHON")
    chosen = parser.parse_args()
    if chosen.data:
        on_files(chosen.data, chosen.recbole)
    on_one_session(chosen.items, chosen.text, chosen.recbole)


if __name__ == "__main__":
    main()
