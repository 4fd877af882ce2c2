"""What on a page is personal: found in text with places, whether that came from a DOM or from OCR.

`find_personal` is all that others need.
"""

from agent.capture.personal.find import Found, Piece, find_personal, scrub

__all__ = ["Found", "Piece", "find_personal", "scrub"]
