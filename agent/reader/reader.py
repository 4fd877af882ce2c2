"""The reader itself: frames in, readings out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agent.capture.frames import Frame
from agent.reader.aggregate import session_currency
from agent.reader.brands import brand_of, fold
from agent.reader.frames import read_frame
from agent.reader.ocr import LineReader
from tools.preferences import FrameReading


class EmbeddedReader:
    """Reads frames with OCR and rules, on the machine it runs on.

    One reader serves one browsing session: it keeps the text of line crops by their pixels, the
    brands and the currency that earlier frames named. The OCR models are loaded on the first frame.
    """

    def __init__(self, known_brands: Sequence[str] = ()) -> None:
        """`known_brands`: the brands of the catalogue, matched fuzzily in titles."""
        self._known = tuple(known_brands)
        self._lines = LineReader()

    def read(
        self,
        frames: Sequence[Frame],
        progress: Callable[[int, int], None] | None = None,
        *,
        before: Sequence[FrameReading] = (),
    ) -> list[FrameReading]:
        """What each frame shows, in the order of the frames.

        Args:
            frames: admitted pictures.
            progress: called with (frames read, frames in all) after each frame.
            before: readings of the session's earlier batches; what they knew still holds.
        """
        readings = []
        for position, frame in enumerate(frames, start=1):
            rgb = frame.rgb()
            # The gate read them already, from these very pixels, in its search for personal data.
            lines = self._lines.read(rgb) if frame.lines is None else list(frame.lines)
            readings.append(read_frame(frame.digest, lines, rgb, self._known))
            if progress is not None:
                progress(position, len(frames))
        return harmonize(readings, self._known, before)


def harmonize(
    readings: Sequence[FrameReading],
    known_brands: Sequence[str] = (),
    before: Sequence[FrameReading] = (),
) -> list[FrameReading]:
    """Readings of one session made consistent with each other and with those `before` them.

    A page without any sign of currency takes that of the session; a title without a maker takes a
    brand that another frame of the session named, when the title holds it.
    """
    session = [*before, *readings]
    currency, _ = session_currency(session)
    brands = {p.brand for r in session for p in r.products if p.brand}
    makers = _makers_by_title(session)
    whole = []
    for reading in readings:
        products = []
        # The OCR models take the rupee sign for a yen sign; nobody shops in both at once.
        misread = (
            currency == "INR" and reading.currency in ("JPY", "CNY") and not _is_east_asian(reading)
        )
        for product in reading.products:
            changes: dict[str, object] = {}
            if misread and product.currency is not None:
                changes["currency"] = currency
            if product.price is not None and product.currency is None and currency is not None:
                changes["currency"] = currency
            if product.brand is None and product.title:
                brand = makers.get(_key(product.title)) or brand_of(
                    product.title, brands, known_brands
                )
                if brand is not None:
                    changes["brand"] = brand
            products.append(product.model_copy(update=changes) if changes else product)
        update: dict[str, object] = {"products": tuple(products)}
        if misread or (reading.currency is None and any(p.price is not None for p in products)):
            update["currency"] = currency
        whole.append(reading.model_copy(update=update))
    return whole


def _is_east_asian(reading: FrameReading) -> bool:
    texts = [*reading.headings, *(p.title for p in reading.products)]
    return any(0x3040 <= ord(c) <= 0x9FFF for text in texts for c in text)


def _makers_by_title(readings: Sequence[FrameReading]) -> dict[str, str]:
    """The brand of every title that some frame gave one; titles are compared by their beginning."""
    return {_key(p.title): p.brand for r in readings for p in r.products if p.brand and p.title}


def _key(title: str) -> str:
    return fold(title).rstrip(" .…")[:32]
