"""Items by their words: unit vectors of titles, and the recency-weighted text score.

The score of an item is its cosine with the recency-weighted mean of the viewed items' vectors,
over the whole catalogue, so that items without any training session can be found, too.
"""

from __future__ import annotations

import hashlib
import os
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tools.errors import SessionError
from tools.sessions.counting import view_weights
from tools.sessions.data import SessionData, Sessions
from tools.sessions.products import Products
from tools.sessions.protocol import FitReport, Ranking, Scores
from tools.sessions.storage import read_model, write_model
from tools.text import HASHING, HashingEncoder, SentenceEncoder, TextEncoder, Vectors

if TYPE_CHECKING:
    from scipy.sparse import csr_array

TEXT_COLUMNS = ("title", "brand", "keywords")


def default_encoder() -> TextEncoder:
    """all-MiniLM-L6-v2 where sentence-transformers is installed, else hashed spelling."""
    return SentenceEncoder() if find_spec("sentence_transformers") else HashingEncoder()


def encoder_named(name: str | None) -> TextEncoder:
    """The encoder a person names; None for the default, "hashing" for no model at all."""
    if name is None:
        return default_encoder()
    return HashingEncoder() if name == HASHING else SentenceEncoder(name)


def item_texts(products: Products | None) -> list[str]:
    """What is encoded of every item: title, brand, keywords, as far as the file has them.

    Raises:
        SessionError: there are no products, or none of these columns holds anything.
    """
    texts = products.texts(TEXT_COLUMNS) if products else []
    if not any(texts):
        raise SessionError(
            "items have no text: the products file is missing, or its columns "
            f"{', '.join(TEXT_COLUMNS)} are empty"
        )
    return texts


def item_vectors(
    texts: list[str],
    encoder: TextEncoder,
    *,
    cache: Path | None = None,
    progress: bool = False,
) -> Vectors:
    """Unit vectors of the texts, float32 [texts, dimension]; zero where a text is empty.

    Args:
        texts: one per item.
        encoder: gives the vectors.
        cache: a folder; vectors of the same texts and encoder are read back from there.
        progress: draw a bar on stderr.
    """
    place = _place(texts, encoder, cache) if cache else None
    if place and place.is_file():
        try:
            kept: Vectors = np.load(place, allow_pickle=False)
            if kept.shape == (len(texts), encoder.dimension):
                return kept
        except (ValueError, OSError, EOFError):
            pass  # A torn file is made again.
    from tqdm import tqdm

    filled = [i for i, text in enumerate(texts) if text.strip()]
    vectors = np.zeros((len(texts), encoder.dimension), np.float32)
    with tqdm(total=len(filled), desc="item texts", unit="item", disable=not progress) as bar:

        def done(count: int) -> None:
            bar.update(count)

        vectors[filled] = encoder.encode([texts[i] for i in filled], done)
    if cache:
        keep_vectors(texts, encoder, vectors, cache)
    return vectors


def keep_vectors(texts: list[str], encoder: TextEncoder, vectors: Vectors, cache: Path) -> None:
    """Keep vectors for `item_vectors` to find; for those who have them in another order, say."""
    place = _place(texts, encoder, cache)
    place.parent.mkdir(parents=True, exist_ok=True)
    temporary = place.with_suffix(f".{os.getpid()}.npy")
    np.save(temporary, vectors)
    os.replace(temporary, place)


def _place(texts: list[str], encoder: TextEncoder, cache: Path) -> Path:
    state = hashlib.sha256(f"1 {encoder.name} {encoder.dimension}".encode())
    for text in texts:
        state.update(text.encode("utf-8", "replace") + b"\0")
    return cache / f"{state.hexdigest()[:32]}.npy"


class TextModel(Ranking):
    """Cosine of every item with what the session viewed, recent views weighing more.

    Args:
        decay: weight of a view against the one after it; 1 is the plain mean.
        encoder: a name for `encoder_named`.
        cache: a folder for vectors, see `item_vectors`.
    """

    name = "text"

    def __init__(
        self, decay: float = 0.7, encoder: str | None = None, cache: Path | None = None
    ) -> None:
        self.decay = decay
        self.encoder = encoder
        self.cache = cache
        self.vectors: Vectors = np.zeros((0, 0), np.float32)

    def fit(self, data: SessionData, *, seed: int = 0, progress: bool = False) -> FitReport:
        """Encode the products; sessions teach nothing. See `SessionModel.fit`."""
        begun = time.perf_counter()
        texts = item_texts(data.products)
        encoder = encoder_named(self.encoder)
        self.vectors = item_vectors(texts, encoder, cache=self.cache, progress=progress)
        self._known = self.vectors.any(axis=1)
        seconds = time.perf_counter() - begun
        return FitReport(seconds, seconds, notes={"encoder": encoder.name})

    def queries(self, sessions: Sessions, decay: float | None = None) -> Vectors:
        """Unit vector of what each session viewed; zero when nothing it viewed has a text."""
        weights = view_weights(sessions, len(self.vectors), self.decay if decay is None else decay)
        return unit(weights @ self.vectors)

    def scores(self, sessions: Sessions) -> Scores:
        """Cosine with every item, [sessions, n_items]; -inf for items without text."""
        queries = self.queries(sessions)
        dense = queries @ self.vectors.T
        dense[:, ~self._known] = -np.inf
        dense[~queries.any(axis=1)] = -np.inf
        return dense

    def save(self, folder: Path) -> None:
        """See `SessionModel.save`."""
        kept = {"decay": self.decay, "encoder": self.encoder}
        write_model(folder, self.name, kept, {"vectors": self.vectors})

    @classmethod
    def load(cls, folder: Path) -> TextModel:
        """See `SessionModel.load`."""
        kept, arrays, _ = read_model(folder)
        model = cls(float(kept["decay"]), kept["encoder"])
        model.vectors = arrays["vectors"]
        model._known = model.vectors.any(axis=1)
        return model


def unit(vectors: NDArray[Any]) -> Vectors:
    """Rows at length 1; zero rows stay zero."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.ascontiguousarray(vectors / np.maximum(norms, 1e-12), dtype=np.float32)


def word_matrix(texts: list[str]) -> csr_array:
    """tf-idf of the words of every text, rows at length 1, CSR [texts, words].

    log(1 + tf) * log(texts / texts with the word) (Salton and Buckley 1988). Words that occur in
    one text alone are left out, since they compare with nothing, and those in more than a tenth of
    many texts, since they compare with everything.
    """
    import re

    from scipy.sparse import csr_array

    ids: dict[str, int] = {}
    rows, columns = [], []
    for row, text in enumerate(texts):
        for word in re.findall(r"\w+", text.casefold()):
            rows.append(row)
            columns.append(ids.setdefault(word, len(ids)))
    shape = (len(texts), max(1, len(ids)))
    counts = csr_array((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)
    held = np.bincount(counts.indices, minlength=shape[1])
    useful = (held > 1) & (held <= max(100, len(texts) / 10))
    idf = np.where(useful, np.log(max(1, len(texts)) / np.maximum(held, 1)), 0)
    data = np.log1p(counts.data) * idf[counts.indices]
    squares = np.bincount(
        np.repeat(np.arange(shape[0]), np.diff(counts.indptr)), data**2, minlength=shape[0]
    )
    scale = np.repeat(1 / np.sqrt(np.maximum(squares, 1e-12)), np.diff(counts.indptr))
    matrix = csr_array(
        ((data * scale).astype(np.float32), counts.indices, counts.indptr), shape=shape
    )
    matrix.eliminate_zeros()
    return matrix
