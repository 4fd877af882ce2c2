from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from agent.capture.folder import collect, natural_key, pictures_in
from agent.capture.gate import MAX_BYTES
from tools.errors import InputError


def draw(file: Path, grey: int = 200) -> Path:
    Image.new("RGB", (40, 30), (grey, grey, grey)).save(file)
    return file


def test_a_folder_gives_its_pictures_in_natural_order(tmp_path: Path) -> None:
    for name in ("shot 10.png", "shot 2.png", "Shot 1.png", "a.webp", "b3.jpg"):
        draw(tmp_path / name)
    draw(tmp_path / ".hidden.png")
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "deeper").mkdir()
    draw(tmp_path / "deeper" / "z.png")
    draw(tmp_path / "x.png").rename(tmp_path / "plain")  # a picture without a suffix
    frames, refused = collect([tmp_path])
    assert [Path(f.name).name for f in frames] == [
        "a.webp",
        "b3.jpg",
        "plain",
        "Shot 1.png",
        "shot 2.png",
        "shot 10.png",
    ]
    assert refused == []


def test_files_stay_in_the_order_given(tmp_path: Path) -> None:
    two, one = draw(tmp_path / "2.png"), draw(tmp_path / "1.png", 90)
    folder = tmp_path / "more"
    folder.mkdir()
    draw(folder / "1.png")
    frames, _ = collect([two, folder, one, two])
    assert [f.name for f in frames] == [str(two), str(folder / "1.png"), str(one), str(two)]


def test_a_bad_picture_is_named_and_the_others_stay(tmp_path: Path) -> None:
    good = draw(tmp_path / "1.jpg")
    (tmp_path / "2.png").write_text("this is text")
    (tmp_path / "3.jpg").write_bytes(good.read_bytes()[:400])
    (tmp_path / "4.png").write_bytes(b"")
    Image.new("L", (9, 9)).save(tmp_path / "5.gif")
    frames, refused = collect([tmp_path])
    assert [f.name for f in frames] == [str(good)]
    assert [(Path(r.file).name, r.code) for r in refused] == [
        ("2.png", "not_a_picture"),
        ("3.jpg", "truncated"),
        ("4.png", "empty"),
        ("5.gif", "unsupported"),
    ]
    assert all(r.file in r.reason for r in refused)


@pytest.mark.parametrize("name", ["missing.png", "nul\x00byte.png", "x" * 4000])
def test_a_missing_file_is_an_input_error(tmp_path: Path, name: str) -> None:
    draw(tmp_path / "there.png")
    with pytest.raises(InputError):
        collect([tmp_path / "there.png", tmp_path / name])


def test_a_folder_without_pictures_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(InputError, match="no pictures"):
        collect([tmp_path])


def test_a_pipe_is_an_input_error_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(InputError, match="neither"):
        collect([tmp_path / "pipe.png"])


def test_a_huge_file_is_refused_by_its_size(tmp_path: Path) -> None:
    huge = tmp_path / "huge.png"
    with huge.open("wb") as stream:
        stream.write(b"\x89PNG\r\n\x1a\n")
        stream.truncate(MAX_BYTES + 1)  # sparse
    assert [r.code for r in collect([huge])[1]] == ["too_large"]


def test_no_path_gives_no_frame() -> None:
    assert collect([]) == ([], [])


def test_hidden_files_do_not_count(tmp_path: Path) -> None:
    draw(tmp_path / ".a.png")
    assert pictures_in(tmp_path) == []


@given(st.lists(st.integers(0, 10**6), unique=True))
def test_numbers_in_names_sort_as_numbers(numbers: list[int]) -> None:
    names = [f"frame-{n}.png" for n in numbers]
    assert sorted(names, key=natural_key) == [f"frame-{n}.png" for n in sorted(numbers)]
