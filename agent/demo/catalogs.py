"""The demo shop's two catalogues, built at first use under the home folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.demo.words import Currency

CURRENCIES: tuple[Currency, ...] = ("GBP", "INR")


def demo_catalogs(home: Path) -> Sequence[Path]:
    """The folders of the demo catalogues, home market first; missing ones are built.

    Raises:
        MissingExtra: they have to be built, and the encoder is not installed.
    """
    from agent.demo.shop import VERSION

    folders = []
    for currency in CURRENCIES:
        folder = home / "demo" / f"{currency.lower()}-{VERSION}"
        if not _usable(folder):
            _build(currency, folder, home)
        folders.append(folder)
    return folders


def _usable(folder: Path) -> bool:
    """Whether a catalogue stands there that this version can read."""
    from tools.catalog import Catalog
    from tools.errors import CatalogError

    try:
        Catalog.open(folder).close()
    except CatalogError:
        return False
    return True


def _build(currency: Currency, folder: Path, home: Path) -> None:
    from agent.config import make_home
    from agent.demo.shop import write_catalog
    from agent.demo.transactions import write_transactions
    from agent.utilities import fit_utilities
    from tools.catalog import build_catalog

    make_home(home)
    with TemporaryDirectory() as scratch:
        products = Path(scratch) / "products.jsonl"
        transactions = Path(scratch) / "transactions.csv"
        write_catalog(currency, products)
        write_transactions(currency, transactions)
        folder.parent.mkdir(parents=True, exist_ok=True)
        build_catalog(
            products,
            folder,
            name=f"demo shop ({currency})",
            transactions=transactions,
            fit_utilities=fit_utilities,
            home=home,
        )
