"""What a build says of itself."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class BuildReport:
    """What a build did."""

    name: str
    catalog: Path | str
    """The folder, or the server's address without its secrets."""
    format: str
    """csv, jsonl, json, xml, parquet, or a dialect: shopify, amazon-m2."""
    rows: int
    """Records of the file that were asked for."""
    kept: int
    folded: int
    """Rows that became sizes of the product before them."""
    skipped: int
    """Rows that were not asked for, or that the shop marks as drafts."""
    quarantined: int
    reasons: dict[str, int]
    """Why rows were quarantined, with counts."""
    quarantine_path: Path | None
    currency: str | None
    priced: bool
    mapping: dict[str, str]
    """Field -> column."""
    attribute_columns: tuple[str, ...]
    """Columns that became attributes."""
    encoder: str
    alike: int
    """Products whose text (title, brand, kind, colour) another product has already."""
    encoded: int
    """Texts that were encoded now; the rest came from the cache."""
    agreement: dict[str, float]
    """Query encoder against the stored vectors: mean and least cosine on a sample."""
    utility_source: str
    version: str
    seconds: float
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain data, paths as text."""
        plain = asdict(self)
        for key in ("catalog", "quarantine_path"):
            plain[key] = None if plain[key] is None else str(plain[key])
        return plain
