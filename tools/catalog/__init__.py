"""The shop's catalogue: import, embed, filter, search, facts and words."""

from __future__ import annotations

from tools.catalog.build import BuildReport, build_catalog
from tools.catalog.catalog import Catalog, Codes, SearchHit, SearchResult
from tools.catalog.changes import UpdateReport
from tools.catalog.facts import CatalogFacts
from tools.catalog.report import write_report
from tools.catalog.update import update_catalog
from tools.catalog.vocabulary import AttributeSummary, ValueCount, Vocabulary

__all__ = [
    "AttributeSummary",
    "BuildReport",
    "Catalog",
    "CatalogFacts",
    "Codes",
    "SearchHit",
    "SearchResult",
    "UpdateReport",
    "ValueCount",
    "Vocabulary",
    "build_catalog",
    "update_catalog",
    "write_report",
]
