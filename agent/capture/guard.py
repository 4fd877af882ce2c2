"""Everything that a picture must pass, whichever way it comes: file, folder, upload or browser.

In this order, and failing closed at every step: not paused; a page that may be looked at; a real
picture of bearable size; nothing personal left on it. Only then is it a frame that the store takes.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from agent.capture.domains import DomainRules
from agent.capture.frames import Box, Frame, Page
from agent.capture.gate import admit
from tools.errors import FrameRefused, InputError

if TYPE_CHECKING:
    from agent.capture.redact import Area, AreaReader
    from agent.config import Settings
    from agent.reader.ocr import LineReader

PAUSE = "paused"
"""Name of the file in the home folder that stands while capture is paused."""


@dataclass
class Guard:
    """The gate with its rules; one for a run, since it remembers what it has read."""

    rules: DomainRules = field(default_factory=DomainRules)
    redact: bool = True
    pause: Path | None = None
    """While this file is there nothing is let in."""
    _reader: LineReader | None = None
    _areas: AreaReader | None = None

    @classmethod
    def of(cls, settings: Settings) -> Guard:
        """The gate that the settings describe.

        Raises InputError for an allow or deny list that cannot be understood.
        """
        rules = DomainRules.of(settings.allow_domains, settings.deny_domains)
        return cls(rules, settings.redact, settings.home / PAUSE)

    def admit(self, data: bytes, name: str, page: Page | None = None) -> Frame:
        """One picture through the whole gate; captured ones go through `check` and `clear`.

        Raises FrameRefused; its codes are `paused`, `denied` and those of `gate.admit`.
        """
        return self.clear(self.check(data, name, page))

    def check(self, data: bytes, name: str, page: Page | None = None) -> Frame:
        """The cheap half: pause, address, content. The frame may not be kept yet."""
        if self.paused:
            raise FrameRefused(
                "paused", "capture is paused; `interarec capture --resume` lets pictures in again"
            )
        if page is not None:
            self.check_page(page.url)
        return replace(admit(data, name), page=page)

    def check_page(self, url: str) -> None:
        """Raises FrameRefused with code `denied` where this page may not be looked at."""
        why = self.rules.why_not(url)
        if why is not None:
            raise FrameRefused("denied", f"not looked at: {why}")

    @property
    def paused(self) -> bool:
        """Whether the owner has paused capture."""
        return self.pause is not None and os.path.lexists(self.pause)

    def clear(self, frame: Frame) -> Frame:
        """The frame with what OCR finds personal on it covered; marked as checked."""
        if not self.redact:
            return replace(frame, checked=True)
        from agent.capture.redact import redact_picture

        return redact_picture(frame, self.reader)

    def clear_page(
        self,
        frame: Frame,
        boxes: Sequence[Box],
        pictures: Sequence[Area],
    ) -> Frame:
        """A captured frame with the boxes that its page told of, and its pictures looked at.

        Args:
            frame: what the browser showed, checked.
            boxes: over what the page's own text and fields hold.
            pictures: areas that the page shows as pixels only.
        """
        if not self.redact:
            return replace(frame, checked=True)
        from agent.capture.redact import AreaReader, cover

        if self._areas is None:
            self._areas = AreaReader(self.reader)
        found = self._areas.boxes(frame.rgb(), pictures) if pictures else []
        covered = cover(frame, [*boxes, *found])
        return replace(covered, checked=True)

    @property
    def reader(self) -> LineReader:
        """Reads lines of text, and remembers them."""
        if self._reader is None:
            from agent.reader.ocr import LineReader

            self._reader = LineReader()
        return self._reader


def set_pause(home: Path, paused: bool) -> None:
    """Pauses or resumes every way in, for all processes that share this home.

    Raises InputError where the home cannot be written to.
    """
    file = home / PAUSE
    try:
        if paused:
            home.mkdir(parents=True, exist_ok=True, mode=0o700)
            file.touch(mode=0o600)
        else:
            file.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"capture cannot be paused or resumed: {error.strerror}") from None
