"""The shop's catalogue: import, embed, filter, search, facts and words."""

from __future__ import annotations

from tools.catalog.build import build_catalog
from tools.catalog.build_report import BuildReport
from tools.catalog.catalog import Catalog
from tools.catalog.changes import UpdateReport
from tools.catalog.facts import CatalogFacts
from tools.catalog.groups import Codes
from tools.catalog.opening import open_catalog
from tools.catalog.report import write_report
from tools.catalog.results import SearchHit, SearchResult
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
    "open_catalog",
    "update_catalog",
    "write_report",
]
