"""Which column of a shop's file is which field of a product: guessed by name, overridable."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tools.errors import CatalogError

# Names in order of preference; compared in lower case without punctuation.
ALIASES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "itemid", "productid", "sku", "asin", "uniqid", "variantsku", "gid", "handle",
           "productcode", "code", "articleid", "ean", "gtin"),
    "title": ("title", "name", "producttitle", "productname", "itemname", "itemtitle", "keywords",
              "label"),
    "brand": ("brand", "brandname", "vendor", "manufacturer", "maker"),
    "price": ("price", "saleprice", "sellingprice", "currentprice", "unitprice", "variantprice",
              "amount", "finalprice", "discountedprice", "actualprice"),
    "list_price": ("listprice", "oldprice", "wasprice", "regularprice", "originalprice", "msrp",
                   "rrp", "compareatprice", "variantcompareatprice", "mrp", "retailprice"),
    "currency": ("currency", "currencycode", "pricecurrency"),
    "colors": ("colors", "colours", "color", "colour", "colorname", "basecolour", "basecolor"),
    "categories": ("categories", "category", "categorypath", "producttype", "producttypes",
                   "googleproductcategory", "productcategory", "department", "type", "breadcrumbs",
                   "categorytree"),
    "sizes": ("sizes", "size", "availablesizes", "sizeoptions"),
    "attributes": ("attributes", "specifications", "specs", "features", "properties", "options"),
    "rating": ("rating", "averagerating", "ratingvalue", "stars", "avgrating", "reviewrating",
               "productrating", "starrating", "productreviewrating"),
    "reviews": ("reviews", "reviewcount", "numreviews", "ratingcount", "numberofreviews",
                "ratingscount", "noofratings", "numberofratings", "reviewscount",
                "productreviewcount"),
    "description": ("description", "productdescription", "desc", "bodyhtml", "body",
                    "longdescription", "shortdescription", "about"),
    "group": ("group", "itemgroupid", "groupid", "parentid", "parentasin", "parentsku"),
    "image": ("image", "imageurl", "imagelink", "imagesrc", "thumbnail", "img", "images"),
    "url": ("url", "link", "producturl", "productlink", "href"),
    "stock": ("stock", "availability", "quantity", "inventory", "inventoryquantity",
              "stockquantity", "instock", "variantinventoryqty", "availablequantity",
              "available"),
}  # fmt: skip
FIELDS = tuple(ALIASES)


def plain_name(name: str) -> str:
    """A column name in lower case, letters and digits only, without a feed's `g:` prefix."""
    return re.sub(r"[^a-z0-9]", "", re.sub(r"^[gc]:", "", name.strip().lower()))


def guess_columns(
    names: Sequence[str],
    override: Mapping[str, str | None] | None = None,
    need: str = "title",
) -> dict[str, str]:
    """Field -> column name.

    Args:
        names: the file's columns in order.
        override: field -> column, or None (or "") for "this field is not in the file".
        need: the field that must be there.

    Raises:
        CatalogError: an override names an unknown field or column, or the file has no column for
            the field that is needed.
    """
    override = override or {}
    if unknown := sorted(set(override) - set(FIELDS)):
        raise CatalogError(f"{unknown[0]!r} is not a field; known are: {', '.join(FIELDS)}")
    by_plain: dict[str, str] = {}
    for name in names:
        if not name.startswith("@"):  # JSON-LD's own keys, no fields
            by_plain.setdefault(plain_name(name), name)
    mapping: dict[str, str] = {}
    for field, aliases in ALIASES.items():
        if field in override:
            column = override[field]
            if column and column not in names:
                raise CatalogError(f"the file has no column {column!r}; it has: {_listed(names)}")
            if column:
                mapping[field] = column
            continue
        taken = set(mapping.values()) | {c for c in override.values() if c}
        for alias in aliases:
            column = by_plain.get(alias)
            if column is not None and column not in taken:
                mapping[field] = column
                break
    if need not in mapping:
        raise CatalogError(
            f"no column looks like a product {need}; the file has: {_listed(names)} "
            f"(name it with --map {need}=COLUMN)"
        )
    _sale_price(by_plain, mapping, override)
    return mapping


def _sale_price(
    by_plain: Mapping[str, str], mapping: dict[str, str], override: Mapping[str, str | None]
) -> None:
    # In merchant feeds `price` is the regular price beside `sale_price`, which is what is asked.
    sale = by_plain.get("saleprice") or by_plain.get("discountedprice")
    if (
        sale
        and mapping.get("price") not in (None, sale)
        and not {"price", "list_price"} & set(override)
        and "list_price" not in mapping
    ):
        mapping["list_price"], mapping["price"] = mapping["price"], sale


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(n[:40] for n in names[:30])
    return shown + (" …" if len(names) > 30 else "")
