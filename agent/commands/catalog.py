"""`interarec catalog`: bring a shop's data, look things up, ask for facts."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from agent.commands.catalog_limits import limits_of, read_words
from agent.commands.shared import DONE, IN_PART, JsonFlag, one_line, print_json
from tools.errors import InputError

if TYPE_CHECKING:
    from tools.catalog import Catalog, SearchResult
    from tools.catalog.search import Mode, Sort
    from tools.domain import Constraints

catalog_app = typer.Typer(
    help="Build a shop's catalogue, search it, ask for facts.",
    no_args_is_help=True,
)

CatalogOption = Annotated[
    str | None,
    typer.Option(help="Catalogue: a folder or postgresql://…; without one the demo shop is used."),
]
Below = Annotated[float | None, typer.Option("--price-upper", help="At most this price.", min=0)]
Above = Annotated[float | None, typer.Option("--price-lower", help="At least this price.", min=0)]
CurrencyOption = Annotated[
    str | None, typer.Option("--currency", help="Of the price limits; else the catalogue's.")
]
Brands = Annotated[list[str] | None, typer.Option("--brand", help="One of these brands.")]
Colors = Annotated[list[str] | None, typer.Option("--color", help="One of these colours.")]
Categories = Annotated[list[str] | None, typer.Option("--category", help="One of these kinds.")]
Sizes = Annotated[list[str] | None, typer.Option("--size", help="One of these sizes.")]
Attributes = Annotated[
    list[str] | None,
    typer.Option("--attribute", help="NAME=VALUE, NAME>=NUMBER or NAME<=NUMBER, with a unit."),
]
Excluded = Annotated[
    list[str] | None,
    typer.Option("--exclude", help="FIELD=VALUE not wanted: color, brand, category, size or id."),
]
MinRating = Annotated[
    float | None, typer.Option("--min-rating", help="Stars, at least.", min=0, max=5)
]
OnSale = Annotated[
    bool | None, typer.Option("--on-sale/--not-on-sale", help="Only what is reduced, or is not.")
]


class EngineName(StrEnum):
    """What encodes the catalogue."""

    full = "full"
    int8 = "int8"


@catalog_app.command()
def build(  # noqa: PLR0917  (one parameter per option)
    file: Annotated[Path, typer.Argument(help="The shop's products.")],
    out: Annotated[str, typer.Option(help="Where to: a folder or postgresql://host/base#shop.")],
    name: Annotated[str | None, typer.Option(help="What the catalogue is called.")] = None,
    currency: Annotated[
        str | None, typer.Option(help="ISO 4217 code, where the file names none.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option("--map", help="FIELD=COLUMN where the guess is wrong; FIELD= for none."),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option("--where", help="COLUMN=VALUE; only rows that say so, e.g. locale=UK."),
    ] = None,
    transactions: Annotated[
        Path | None, typer.Option(help="The shop's transactions, to fit the choice model.")
    ] = None,
    synonyms: Annotated[
        Path | None, typer.Option(help="Text file: a group of synonyms a line, between commas.")
    ] = None,
    encoder: Annotated[
        str | None, typer.Option(help="sentence-transformers model, or `hashing` for none.")
    ] = None,
    engine: Annotated[
        EngineName, typer.Option(help="What encodes the products.")
    ] = EngineName.full,
    query_prefix: Annotated[
        str, typer.Option(help="What the model wants before queries, such as `query: `.")
    ] = "",
    text_prefix: Annotated[
        str, typer.Option(help="What it wants before texts, such as `passage: `.")
    ] = "",
    workers: Annotated[
        int, typer.Option(help="Encode in this many processes over Ray.", min=0, max=1024)
    ] = 0,
    ray: Annotated[
        str | None, typer.Option(help="Address of a Ray cluster for them; else one is started.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a catalogue of a shop's file.

    Rows that are not usable go to quarantine.jsonl, each with the reason.
    """
    from agent.config import load_settings
    from agent.utilities import fit_utilities
    from tools.catalog.opening import build_at

    report = build_at(
        file,
        out,
        encoder=encoder,
        currency=currency,
        name=name,
        columns=_mapping("--map", column or []),
        where={c: v or "" for c, v in _mapping("--where", where or []).items()},
        engine=engine.value,
        query_prefix=query_prefix,
        text_prefix=text_prefix,
        home=load_settings().home,
        transactions=transactions,
        fit_utilities=fit_utilities,
        synonyms=synonyms,
        workers=workers,
        cluster=ray,
    )
    if as_json:
        shown = report.to_json()
        shown["warnings"] = [{"code": "import", "reason": w} for w in report.warnings]
        print_json(shown)
    else:
        typer.echo(f"{report.name}: {report.kept} products in {report.catalog}")
        columns = ", ".join(f"{f}={c}" for f, c in report.mapping.items())
        typer.echo(one_line(f"columns: {columns}"))
        if report.attribute_columns:
            typer.echo(one_line("as attributes: " + ", ".join(report.attribute_columns)))
        if report.folded:
            typer.echo(f"folded {report.folded} variants into the product before them")
        if report.skipped:
            typer.echo(f"skipped {report.skipped} rows that were not asked for")
        if report.alike:
            typer.echo(f"{report.alike} products read like another one")
        for reason, count in report.reasons.items():
            typer.echo(one_line(f"quarantined {count}: {reason}"))
    _end(report.warnings)


@catalog_app.command()
def update(
    catalog: Annotated[str, typer.Argument(help="Catalogue: a folder or postgresql://….")],
    upsert: Annotated[
        Path | None, typer.Option(help="Products to add or change; only its columns count.")
    ] = None,
    delete: Annotated[
        list[str] | None, typer.Option(help="Id to take out, or @FILE with one id a line.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option("--map", help="FIELD=COLUMN where the guess is wrong; FIELD= for none."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Add, change and delete products in one step.

    Whoever reads meanwhile is undisturbed.
    """
    from agent.config import load_settings
    from tools.catalog.opening import update_at

    if upsert is None and not delete:
        raise InputError("give --upsert FILE, --delete ID, or both")
    report = update_at(
        catalog,
        upsert=upsert,
        delete=_ids(delete or []),
        columns=_mapping("--map", column or []),
        home=load_settings().home,
    )
    if as_json:
        shown = report.to_json()
        shown["warnings"] = [{"code": "update", "reason": w} for w in report.warnings]
        print_json(shown)
    else:
        typer.echo(
            f"{report.rows} products: {report.added} added, {report.changed} changed, "
            f"{report.deleted} deleted, {report.encoded} encoded"
        )
    _end(report.warnings)


def _ids(given: list[str]) -> list[str]:
    found: list[str] = []
    for text in given:
        if not text.startswith("@"):
            found.append(text)
            continue
        try:
            lines = Path(text[1:]).read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            raise InputError(f"the ids in {text[1:]} cannot be read") from None
        found += [line.strip() for line in lines if line.strip()]
    return found


@catalog_app.command()
def report(
    catalog: CatalogOption = None,
    out: Annotated[Path, typer.Option(help="The page to write.")] = Path("catalog-report.html"),
) -> None:
    """Write one HTML page that shows what is in the catalogue."""
    from tools.catalog import write_report

    write_report(_open(catalog), out)
    typer.echo(str(out))


def _mapping(option: str, pairs: list[str]) -> dict[str, str | None]:
    mapping: dict[str, str | None] = {}
    for pair in pairs:
        field, mark, column = pair.partition("=")
        if not mark:
            raise InputError(f"{option} takes NAME=VALUE, not {pair!r}")
        mapping[field.strip()] = column.strip() or None
    return mapping


@catalog_app.command()
def search(  # noqa: PLR0917  (one parameter per option)
    query: Annotated[
        str, typer.Argument(help="What is looked for, in words; none: what is most attractive.")
    ] = "",
    catalog: CatalogOption = None,
    k: Annotated[int, typer.Option("--k", help="How many.", min=1, max=1000)] = 20,
    price_lower: Above = None,
    price_upper: Below = None,
    currency: CurrencyOption = None,
    brand: Brands = None,
    color: Colors = None,
    category: Categories = None,
    size: Sizes = None,
    attribute: Attributes = None,
    exclude: Excluded = None,
    min_rating: MinRating = None,
    on_sale: OnSale = None,
    sort: Annotated[
        str, typer.Option(help="relevance, price, -price, rating or discount.")
    ] = "relevance",
    mode: Annotated[str, typer.Option(help="hybrid, dense or lexical.")] = "hybrid",
    offset: Annotated[int, typer.Option(help="How many to pass over.", min=0)] = 0,
    diversity: Annotated[
        float, typer.Option(help="How unlike each other: 0 to 1.", min=0, max=1)
    ] = 0.0,
    literal: Annotated[
        bool, typer.Option("--literal", help="Read no filters out of the query's words.")
    ] = False,
    like: Annotated[
        str | None, typer.Option(help="Id of a product; finds those nearest to it in meaning.")
    ] = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="Never by the approximate index of a large catalogue.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Find the products that suit best, in words and in meaning.

    Only products that meet every filter are found.
    """
    if like is not None and (query or sort != "relevance" or diversity):
        raise InputError("--like stands alone: without words, another order or diversity")
    shop = _open(catalog)
    limits = limits_of(
        shop, price_lower, price_upper, currency, brand, color, category, size, attribute,
        exclude, min_rating, on_sale,
    )  # fmt: skip
    text, read, remark = (query, limits, "") if literal else read_words(shop, query, limits)
    if like is not None:
        found = shop.more_like(like, read, k, offset=offset, exact=exact)
    else:
        found = shop.search(
            text,
            read,
            k=k,
            mode=cast("Mode", mode),
            sort=cast("Sort", sort),
            offset=offset,
            diversity=diversity,
            exact=exact,
        )
    if as_json:
        shown = _search_json(shop, found, read)
        if remark:
            shown["warnings"].append({"code": "words_not_filters", "reason": remark})
        print_json({**shown, "text": text, "constraints": read.to_json()})
    else:
        how = "" if found.exact else "; the best of them by the approximate index (--exact: by all)"
        typer.echo(f"{found.filtered} products meet the filters{how}")
        if read != limits:
            from tools.phrases import phrases

            words = one_line(", ".join(phrases(read)))
            rest = f"; looked for: {one_line(text)}" if text else ""
            typer.echo(f"read as filters: {words}{rest}")
        for product, hit in zip(shop.get([h.id for h in found.hits]), found.hits, strict=True):
            price = f"{product.price}  " if product.price else ""
            typer.echo(f"{hit.score:6.3f}  {price}{product.title}  [{product.id}]")
    _end((*found.warnings, remark) if remark else found.warnings)


def _search_json(shop: Catalog, found: SearchResult, limits: Constraints) -> dict[str, Any]:
    from tools.showing import show_product

    products = shop.get([hit.id for hit in found.hits])
    return {
        "items": [
            {
                **show_product(product),
                "categories": list(product.categories),
                "score": hit.score,
            }
            for product, hit in zip(products, found.hits, strict=True)
        ],
        "exact": found.exact,
        "filtered": found.filtered,
        "matched": {
            path: {word: list(values) for word, values in words.items()}
            for path, words in shop.matched(limits).items()
        },
        "spelling": {word: list(near) for word, near in found.spelling.items()},
        "catalog": shop.name,
        "version": shop.version,
        "warnings": [{"code": "limit_not_applied", "reason": w} for w in found.warnings],
    }


@catalog_app.command()
def facts(  # noqa: PLR0917  (one parameter per option)
    catalog: CatalogOption = None,
    price_lower: Above = None,
    price_upper: Below = None,
    currency: CurrencyOption = None,
    brand: Brands = None,
    color: Colors = None,
    category: Categories = None,
    size: Sizes = None,
    attribute: Attributes = None,
    exclude: Excluded = None,
    min_rating: MinRating = None,
    on_sale: OnSale = None,
    as_json: JsonFlag = False,
) -> None:
    """Count what is sold: price range, brands, colours, sizes.

    Only products that meet every filter are counted.
    """
    shop = _open(catalog)
    limits = limits_of(
        shop, price_lower, price_upper, currency, brand, color, category, size, attribute,
        exclude, min_rating, on_sale,
    )  # fmt: skip
    known = shop.facts(limits)
    if as_json:
        shown = known.to_json()
        shown["warnings"] = [{"code": "limit_not_applied", "reason": w} for w in known.warnings]
        print_json(shown)
    else:
        from tools.domain import show_money

        typer.echo(f"{known.catalog}: {known.count} products, {known.out_of_stock} out of stock")
        if known.price_lower is not None and known.price_upper is not None:
            low = show_money(known.price_lower, known.currency)
            typer.echo(f"prices {low} to {show_money(known.price_upper, known.currency)}")
        for title, values, count in (
            ("brands", known.brands, known.brand_count),
            ("colours", known.colors, known.color_count),
            ("categories", known.categories, known.category_count),
            ("sizes", known.sizes, known.size_count),
        ):
            if values:
                shown_values = ", ".join(f"{v.value} ({v.count})" for v in values[:12])
                typer.echo(f"{count} {title}: {shown_values}")
    _end(known.warnings)


def _end(warnings: tuple[str, ...]) -> None:
    for warning in warnings:
        typer.echo(one_line(f"warning: {warning}"), err=True)
    raise typer.Exit(IN_PART if warnings else DONE)


def _open(place: str | None) -> Catalog:
    from agent.assembly import open_markets
    from agent.config import load_settings

    return next(iter(open_markets(load_settings(catalog=place)).values()))
