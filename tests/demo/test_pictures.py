from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from agent.demo.pictures import draw_product
from agent.demo.shop import products
from agent.demo.words import CURRENCIES, Currency, hex_of


@pytest.mark.parametrize("currency", CURRENCIES)
def test_every_product_has_a_picture_in_its_colour(currency: Currency) -> None:
    seen: set[str] = set()
    for item in products(currency):
        picture = draw_product(item)
        shape = (item.categories[-1], item.colors[0], str(item.attributes.get("pattern")))
        if str(shape) not in seen:  # parsing all 3,900 would take the test's whole time
            seen.add(str(shape))
            root = ElementTree.fromstring(picture)
            assert root.attrib["aria-label"] == item.title
        assert "{" not in picture
        assert len(picture) < 4_000
        if "shade" in item.attributes:
            assert item.colors[0] == "multicolor" or _tones(str(item.attributes["shade"])) & set(
                re.findall(r"#[0-9a-f]{6}", picture)
            )


def test_ids_inside_are_those_of_the_product() -> None:
    one, other = products("GBP")[10], products("GBP")[11]
    ids = [set(re.findall(r'id="(\w+)"', draw_product(item))) for item in (one, other)]
    assert ids[0]
    assert ids[0].isdisjoint(ids[1])


def test_a_title_cannot_break_out_of_the_picture() -> None:
    item = products("GBP")[0].model_copy(update={"title": '"><script>x</script>'})
    assert "<script" not in draw_product(item)


def _tones(shade: str) -> set[str]:
    """The light end of the gradient: the shade with sixteen per cent of white."""
    parts = bytes.fromhex(hex_of(shade)[1:])
    return {"#" + "".join(f"{round(a + (255 - a) * 0.16):02x}" for a in parts)}
