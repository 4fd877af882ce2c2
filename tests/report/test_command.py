"""The option of the command line, with a real picture, a real reader and a real catalogue."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont
from typer.testing import CliRunner

from agent.cli import app
from tools.catalog import Catalog


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A product page in large print."""
    image = Image.new("RGB", (900, 600), "white")
    draw = ImageDraw.Draw(image)
    for y, text, size in (
        (60, "Aster green dress", 44),
        (140, "GBP 45.00", 40),
        (220, "Add to bag", 30),
    ):
        draw.text((420, y), text, fill="black", font=ImageFont.load_default(size))
    draw.rectangle((60, 60, 360, 460), fill="#2e8b57")
    path = tmp_path / "page.png"
    image.save(path)
    return path


def test_recommend_writes_the_page_beside_its_answer(
    picture: Path, catalog: Catalog, tmp_path: Path
) -> None:
    page = tmp_path / "out" / "story.html"
    given = ["recommend", str(picture), "--catalog", str(catalog.folder), "--report", str(page)]
    done = CliRunner().invoke(app, [*given, "--json"])
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    html = page.read_text("utf-8")
    assert answer["items"]
    for item in answer["items"]:
        assert item["title"] in html
    (seen,) = answer["frames"][0]["products"]
    assert seen["title"] in html
    assert seen["price"] == 45
    assert "£45" in html
    assert "Read the screens and sum them up" in html


def test_a_page_that_cannot_be_written_is_bad_input(
    picture: Path, catalog: Catalog, tmp_path: Path
) -> None:
    given = ["recommend", str(picture), "--catalog", str(catalog.folder)]
    done = CliRunner().invoke(app, [*given, "--report", str(picture / "story.html")])
    assert done.exit_code != 0
    assert "cannot be written" in done.output + str(done.exception)
