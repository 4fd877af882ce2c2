"""Currencies as shoppers write them, and what else a number can be: a size, a weight, a count."""

from __future__ import annotations

from agent.language.wordsets import words

SIGNS: dict[str, tuple[str, ...]] = {
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"),
    "€": ("EUR",),
    "£": ("GBP", "EGP"),
    "¥": ("JPY", "CNY"),
    "₹": ("INR",),
    "₱": ("PHP",),
    "₩": ("KRW",),
    "₽": ("RUB",),
    "₫": ("VND",),
    "₺": ("TRY",),
    "₴": ("UAH",),
    "₦": ("NGN",),
    "฿": ("THB",),
}
"""Sign -> the currencies it stands for; the first one unless the shop uses another of them."""

_DOLLARS = SIGNS["$"]
WORDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("dollar", "dollars", "buck", "bucks", "dollers", "dolar", "dolars"), _DOLLARS),
    **dict.fromkeys(("euro", "euros", "eur", "eurs"), ("EUR",)),
    **dict.fromkeys(("quid", "pound", "pounds", "gbp", "sterling", "squid"), ("GBP",)),
    # English-language shopping talks of pesos mostly in the Philippines.
    **dict.fromkeys(("peso", "pesos"), ("PHP", "MXN", "ARS", "CLP", "COP")),
    **dict.fromkeys(("rs", "rupee", "rupees", "inr"), ("INR", "PKR", "LKR", "NPR")),
    **dict.fromkeys(("yen",), ("JPY",)),
    **dict.fromkeys(("yuan", "rmb"), ("CNY",)),
    **dict.fromkeys(("won",), ("KRW",)),
    **dict.fromkeys(("kr", "kronor", "kroner", "krona", "krone"), ("SEK", "NOK", "DKK")),
    **dict.fromkeys(("franc", "francs"), ("CHF",)),
    **dict.fromkeys(("zloty", "zlotys"), ("PLN",)),
    **dict.fromkeys(("lira", "liras"), ("TRY",)),
    **dict.fromkeys(("ruble", "rubles", "roubles"), ("RUB",)),
    **dict.fromkeys(("real", "reais", "reals"), ("BRL",)),
    **dict.fromkeys(("baht",), ("THB",)),
    **dict.fromkeys(("ringgit",), ("MYR",)),
    **dict.fromkeys(("rupiah", "rp"), ("IDR",)),
    **dict.fromkeys(("dirham", "dirhams"), ("AED",)),
    **dict.fromkeys(("naira",), ("NGN",)),
    **dict.fromkeys(("rand",), ("ZAR",)),
    **dict.fromkeys(("shekel", "shekels"), ("ILS",)),
}
CENTS = frozenset({"cent", "cents", "pence", "penny", "pennies", "¢"})
CODES = words(
    "USD EUR GBP CAD AUD NZD JPY CNY INR PHP MXN SEK NOK DKK CHF PLN CZK HUF BRL ZAR SGD "
    "HKD KRW THB MYR IDR VND TRY RUB UAH ILS AED SAR NGN KES EGP PKR BDT LKR ARS CLP COP "
    "PEN TWD"
)


def is_code(text: str) -> bool:
    """Whether a word is a currency's code; "try 110" and "pen 50" name no lira and no sol."""
    return text.upper() in CODES and (text.isupper() or text.casefold() not in ("try", "pen"))


DOLLAR_PREFIXES = {"us": "USD", "ca": "CAD", "c": "CAD", "a": "AUD", "au": "AUD", "nz": "NZD",
                   "s": "SGD", "hk": "HKD", "mx": "MXN", "r": "BRL"}  # fmt: skip


LOOSE = words("buck bucks quid squid fiver tenner grand")
"""Words for money that people use of whatever currency is in play."""


def resolve(candidates: tuple[str, ...], *known: str | None) -> str:
    """The currency meant: one already in play if the sign or word can stand for it."""
    for code in known:
        if code in candidates:
            return code
    return candidates[0]


_DIMENSIONS: dict[str, str] = {
    "storage": "gb tb mb gig gigs gigabyte gigabytes terabyte terabytes",
    "size": "inch inches in cm mm ft foot feet meter meters metre metres yard yards yd mil um "
    "micron microns m gauge ga",
    "weight": "kg kilo kilos kilogram kilograms g gram grams mg lb lbs ounce ounces stone",
    "volume": "oz ml cl l liter liters litre litres gallon gallons gal quart quarts qt pint pints "
    "cup cups cc cuft",
    "power": "w watt watts kw hp btu ah",
    "voltage": "v volt volts kv",
    "battery": "mah wh",
    "frequency": "hz khz mhz ghz fps rpm",
    "resolution": "mp megapixel megapixels p px pixel pixels dpi",
    "carat": "kt karat karats carat carats",
    "resistance": "ohm ohms",
    "light": "lumen lumens",
    "pressure": "psi bar",
    "current": "amp amps",
    "temperature": "degrees degree",
    "thread count": "tc",
    "protection": "spf",
    "network": "g",
    "sound": "db",
    "speed": "mph kph",
}
UNITS: dict[str, str] = {
    unit: name for name, units in _DIMENSIONS.items() for unit in units.split()
}
"""Unit of measure -> the dimension it measures, the name of a limit where nothing better is
said."""

AMBIGUOUS_UNITS = words("in m l p v w g mil stone degree gal")
"""Units that are also words; they count only when glued to the number or where nothing else
fits."""

COUNTED = words(
    "pack packs pc pcs piece pieces count ct set sets pair pairs ply tier tiers x year "
    "years yr yrs month months week weeks day days hour hours hr hrs minute minutes min "
    "mins star stars item items option options product products result results bedroom "
    "bedrooms bathroom bathrooms door doors seat seats seater drawer drawers shelf shelves "
    "pocket pockets slot slots port ports blade blades speed speeds core cores wheel wheels "
    "people person persons player players cups servings bulbs lights channel channels "
    "button buttons zone zones bar bars layer layers row rows burner burners gear gears "
    "lens lenses camera cameras section sections cup compartment compartments key keys "
    "string strings thread color colors colour colours size sizes"
)
"""Nouns that are counted: a number before one of them is never a price."""

PRICED = words("price prices priced pricier budget cost costs costing pay spend money afford")
"""Words of money: "easy to carry, the price must not go past 15 pounds" weighs nothing."""
HEAVY = words(
    "weigh weighs weighing weight hold holds holding support supports supporting capacity "
    "lift lifts load carry lose lbs dumbbell dumbbells kettlebell barbell"
)
"""Words beside which "pounds" are a weight."""
