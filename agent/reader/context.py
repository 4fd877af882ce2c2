"""What stands around an amount settles its role: filter column, row label, head of a table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from agent.reader.layout import Piece
from agent.reader.lexicon import OTHER_BEFORE
from agent.reader.prices import Seen


def in_context(seen: Seen, pieces: Sequence[Piece], edge: float, width: int, height: int) -> Seen:
    """The role an amount gets from what stands around it: filter column, page head, row label."""
    if seen.role == "other":
        return seen
    piece = pieces[seen.piece]
    if edge and seen.right <= edge + 4:
        return replace(seen, role="other", marked=True)
    # The basket in the page's head, with or without its count.
    head = min(0.14 * height, 150)
    if (
        seen.top < head
        and width >= 700
        and seen.size < 24
        and (seen.right > 0.8 * width or (seen.left > 0.6 * width and seen.value == 0))
    ):
        return replace(seen, role="other", marked=True)
    if seen.marked:
        return seen
    label = _row_label(seen, piece, pieces, edge)
    if _under_total(piece, pieces):
        return replace(seen, role="other", marked=True)
    if label and OTHER_BEFORE.search(label.lower()):
        return replace(seen, role="other", marked=True)
    return seen


def _under_total(piece: Piece, pieces: Sequence[Piece]) -> bool:
    """Whether an amount stands in the "Total" column of a table, whose head is above it."""
    for head in pieces:
        if not re.fullmatch(
            r"(?i)\W*((sub-?|line )?total|summe|gesamt|amount|toplam)\W*", head.text
        ):
            continue
        if not 0 < piece.top - head.top < 700 or abs(head.center - piece.center) > 70:
            continue
        if any(
            abs(p.middle - head.middle) < head.height
            and re.fullmatch(
                r"(?i)\W*(unit )?(price|preis|precio|preço|prix|qty|quantity|item|product)s?\W*",
                p.text,
            )
            for p in pieces
        ):
            return True
    return False


def _row_label(seen: Seen, piece: Piece, pieces: Sequence[Piece], edge: float) -> str:
    """The text that labels a lone amount: left of it on its row, or the line it continues."""
    if re.search(r"[^\W\d_]{4,}", piece.text[: seen.start].replace("Included in price", "")):
        return ""
    row = [
        p for p in pieces
        if p is not piece and p.right <= piece.left + 4 and p.right > edge + 4
        and abs(p.middle - piece.middle) < 0.5 * piece.height and piece.left - p.right < 420
    ]  # fmt: skip
    label = ""
    if row:
        nearest = max(row, key=lambda p: p.right)
        # A notice below the price of the card on the left belongs to that card.
        foreign = any(
            abs(q.left - nearest.left) < 2 * nearest.height
            and 0 < nearest.middle - q.middle < 4 * nearest.height
            and re.search(r"\d[.,]?\d{2}", q.text)
            for q in pieces
        )
        if not foreign and not re.search(r"\d[.,]\d{2}", nearest.text):
            label = nearest.text
            first = min(row, key=lambda p: p.left)
            if len(nearest.text) < 14 and piece.left - first.left < 500:
                label = f"{first.text} {label}"
    above = [
        p for p in pieces
        if p is not piece and abs(p.left - piece.left) < 1.6 * piece.height
        and -0.4 * piece.height < piece.top - p.bottom < 0.45 * piece.height
    ]  # fmt: skip
    over = max(above, key=lambda p: p.bottom).text if above else ""
    if re.search(r"(?i)\b(for|of|up to|over|from)$|warranty|protection plan|insurance", over):
        return f"{label} {over} over"
    return label if len(label) < 90 else ""
