"""The colour of a product from the pixels of its picture, in the thirteen terms of tools.colors.

The ground around the product is removed by its border colour, skin by its place in YCrCb (Chai and
Ngan, 1999), what is left is clustered in CIE Lab, and the clusters vote for a term: chromatic ones
count more than grey ones, because shadows and highlights are grey on every product.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import numpy.typing as npt

from agent.reader.changes import Pixels

SIDE = 72
"""Pictures are shrunk to this many pixels on the longer side before counting colours."""
CLUSTERS = 5


def color_of_picture(
    rgb: Pixels, *, worn: bool = False, ground: tuple[int, int, int] | None = None
) -> tuple[str, float] | None:
    """The leading colour term of a product picture and its share of the product, 0 to 1.

    Args:
        rgb: the picture region, shape (height, width, 3).
        worn: whether people may wear the product, so that skin is looked for.
        ground: the colour of the page; a tile of another colour on it is looked at alone.

    Returns:
        None where the picture shows nothing but ground.
    """
    import cv2

    if ground is not None:
        rgb = _tile(rgb, ground)
    height, width = rgb.shape[:2]
    if min(height, width) < 12:
        return None
    scale = SIDE / max(height, width)
    resized = cv2.resize(
        np.ascontiguousarray(rgb), (max(4, round(width * scale)), max(4, round(height * scale))),
        interpolation=cv2.INTER_AREA,
    )  # fmt: skip
    small = np.asarray(resized, np.uint8)
    weight, scene = _product_mask(small)
    if not scene and (inner := _photograph(small, weight)) is not None:
        small = inner
        weight, scene = _product_mask(small)
    if worn:
        # Where nearly all of it has the colour of skin, it is a brown or beige garment.
        bare = weight * ~_skin(small)
        weight = bare if bare.sum() > 0.3 * weight.sum() else weight
    if weight.sum() < 0.015 * weight.size:
        return ("white", 0.5) if _is_white_on_white(small) else None
    return _vote(small, weight, scene=scene)


def _tile(rgb: Pixels, ground: tuple[int, int, int]) -> Pixels:
    """The picture without the strips of page around it, where that leaves a tile or a photograph.

    A tile is even and light on a dark page (on a light page there is no telling a dark tile from
    a dark thing without one); the border of a photograph of a scene varies and shows no page.
    """
    page = np.abs(rgb.astype(np.int16) - np.array(ground, np.int16)).max(axis=2) < 14
    rows, columns = (np.flatnonzero(page.mean(axis=axis) < 0.7) for axis in (1, 0))
    if not rows.size or not columns.size:
        return rgb
    # Two pixels more: a JPEG rings along the edge of a tile.
    part = (slice(rows[0] + 2, rows[-1] - 1), slice(columns[0] + 2, columns[-1] - 1))
    inner = rgb[part]
    if min(inner.shape[:2]) < 24:
        return rgb
    ring = _ring(inner).astype(np.int16)
    own = np.median(ring, axis=0)
    alike = float((np.abs(ring - own).max(axis=1) < 14).mean())
    if max(ground) <= 110 and own.min() > 150 and own.max() - own.min() < 30 and alike > 0.7:
        return inner
    around, within = float(_ring(page[part]).mean()), float(page[part].mean())
    return inner if alike < 0.45 and around < 0.2 and within < 0.2 else rgb


def _ring(picture: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The outermost pixels."""
    return np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])


def _lab(rgb: Pixels) -> npt.NDArray[np.float32]:
    import cv2

    return np.asarray(cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)


def _product_mask(small: Pixels) -> tuple[npt.NDArray[np.float32], bool]:
    """Weights 0 to 1 of the pixels that belong to the product; whether the ground is a scene."""
    import cv2

    lab = _lab(small)
    height, width = lab.shape[:2]
    ring = np.concatenate([lab[0], lab[-1], lab[:, 0], lab[:, -1]])
    ground = np.median(ring, axis=0)
    near = np.linalg.norm(ring - ground, axis=1) < 12
    across = np.hypot(
        (np.arange(width) - (width - 1) / 2)[None, :] / (width / 2),
        (np.arange(height) - (height - 1) / 2)[:, None] / (height / 2),
    )
    center = np.clip(1.3 - across, 0.0, 1.0).astype(np.float32)
    if near.mean() < 0.55:
        # A scene, not a studio picture: the product stands in the middle.
        return center**2, True
    # Only ground that touches the border is ground; white inside the product stays. The picture
    # is flooded over small steps, so a soft shadow goes with the ground.
    close = (np.linalg.norm(lab - ground, axis=2) < 9).astype(np.uint8)
    padded = np.pad(close, 1, constant_values=1)
    flood = np.zeros((height + 4, width + 4), np.uint8)
    cv2.floodFill(padded, flood, (0, 0), 2)
    product = (padded[1:-1, 1:-1] != 2).astype(np.uint8)
    product = cv2.erode(product, np.ones((2, 2), np.uint8)) if product.mean() > 0.12 else product
    return product.astype(np.float32) * np.clip(0.35 + center, 0, 1), False


def _photograph(small: Pixels, weight: npt.NDArray[np.float32]) -> Pixels | None:
    """The photograph of a scene that stands on a flat tile, if that is what the picture is.

    What is no ground fills a rectangle whose border varies; a box-shaped thing has an even border.
    """
    rows, columns = (np.flatnonzero((weight > 0).any(axis=axis)) for axis in (1, 0))
    if rows.size < 16 or columns.size < 16:
        return None
    part = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    inner = small[part]
    if inner.shape == small.shape or float((weight[part] > 0).mean()) < 0.93:
        return None
    return inner if _product_mask(inner)[1] else None


def _is_white_on_white(small: Pixels) -> bool:
    """Whether a faint outline, or a middle lighter than its pale ground, shows a white thing."""
    light = _lab(small)[..., 0]
    height, width = light.shape
    middle = light[height // 4 : -(height // 4) or None, width // 4 : -(width // 4) or None]
    ground = float(np.median(np.concatenate([light[0], light[-1], light[:, 0], light[:, -1]])))
    outline = 0.004 < float((light < ground - 2.5).mean()) < 0.6
    brighter = float((middle > ground + 1.5).mean()) > 0.1
    return ground > 88 and (brighter or (outline and float(light.mean()) > 92))


def _skin(small: Pixels) -> npt.NDArray[np.bool_]:
    import cv2

    ycc = cv2.cvtColor(small, cv2.COLOR_RGB2YCrCb).astype(int)
    luma, red, blue = ycc[..., 0], ycc[..., 1], ycc[..., 2]
    return (red > 136) & (red < 172) & (blue > 80) & (blue < 126) & (luma > 80)


def _vote(
    small: Pixels, weight: npt.NDArray[np.float32], *, scene: bool
) -> tuple[str, float] | None:
    import cv2

    whole = _lab(small)
    mass = weight.reshape(-1)
    kept = mass > 0.05
    points, mass = whole.reshape(-1, 3)[kept], mass[kept]
    clusters = min(CLUSTERS + (2 if scene else 0), len(points))
    if not clusters:
        return None
    cv2.setRNGSeed(0)
    _, found, middles = cv2.kmeans(  # type: ignore[call-overload]
        points, clusters, None, (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 0.5), 2,
        cv2.KMEANS_PP_CENTERS,
    )  # fmt: skip
    labels, centers = np.asarray(found)[:, 0], np.asarray(middles)
    ring = np.concatenate([whole[0], whole[-1], whole[:, 0], whole[:, -1]])
    nearest = np.linalg.norm(ring[:, None] - centers[None], axis=2).argmin(axis=1)
    shares: dict[str, float] = defaultdict(float)
    plain: dict[str, float] = defaultdict(float)
    total = float(mass.sum())
    for i, center in enumerate(centers):
        share = float(mass[labels == i].sum()) / total
        term = term_of_lab(float(center[0]), float(center[1]), float(center[2]))
        chroma = float(np.hypot(center[1], center[2]))
        plain[term] += share
        score = share * (1.0 + min(chroma, 60.0) / 40.0)
        if scene:
            # What also lies along the border belongs to the scene rather than to the product.
            score *= share / (share + 1.5 * float((nearest == i).mean()) + 0.02)
        shares[term] += score
    hues = [t for t, s in plain.items() if s >= 0.1 and t in _HUES]
    if len(hues) >= 4 or (not scene and _has_many_hues(points, mass)):
        return "multicolor", 0.6
    best = max(shares, key=shares.__getitem__)
    # The shaded sides of a white thing are grey; its lit sides are not.
    bright = float(np.median(ring[:, 0])) > 95
    if best == "gray" and not scene and bright and float(np.percentile(points[:, 0], 65)) > 84:
        return "white", plain["gray"] + plain["white"]
    return best, min(1.0, plain[best])


def _has_many_hues(points: npt.NDArray[np.float32], mass: npt.NDArray[np.float32]) -> bool:
    """Whether a good part is vivid, in four or more clearly different hues (a palette, a print)."""
    vivid = np.hypot(points[:, 1], points[:, 2]) > 28
    if mass[vivid].sum() < 0.12 * mass.sum():
        return False
    hue = np.degrees(np.arctan2(points[vivid, 2], points[vivid, 1])) % 360
    shares, _ = np.histogram(hue, bins=(0, 45, 72, 115, 200, 300, 345, 360), weights=mass[vivid])
    shares[0] += shares[-1]
    return int((shares[:-1] > 0.09 * shares[:-1].sum()).sum()) >= 4


_HUES = frozenset({"red", "orange", "yellow", "green", "blue", "purple", "pink"})


def term_of_lab(light: float, a: float, b: float) -> str:
    """The basic term of a CIE Lab colour (D65; light 0 to 100).

    Boundaries follow the foci and extents of the eleven basic terms in the World Color Survey
    (Kay et al., 2009), with beige cut out of light low-chroma yellow-orange.
    """
    chroma = float(np.hypot(a, b))
    hue = float(np.degrees(np.arctan2(b, a))) % 360
    warm = 25 <= hue <= 105
    if light < 20 and chroma < 18:
        return "black"
    if light < 12:
        return "black"
    # Cool light makes grey things a little blue; a blue thing is bluer than that.
    limit = 9.0 if warm else 8.5 if 240 <= hue <= 300 and light < 60 else 11.0
    if chroma < limit:
        if light > 88:
            return "white"
        if light < 30:
            return "black"
        if warm and chroma > 6 and light > 62:
            return "beige"
        return "gray"
    if hue < 20 or hue >= 345:
        if light > 62 or (light > 50 and chroma < 38):
            return "pink"
        return "red" if hue < 20 or chroma > 30 or light < 35 else "pink"
    if hue < 45:
        if light > 66:
            return "pink" if chroma > 18 and hue < 38 else "beige"
        if chroma > 42:
            return "red" if hue < 42 else "orange"
        return "brown" if light < 60 else "pink"
    if hue < 72 or (hue < 80 and chroma > 55):
        if chroma > 50 and light > 48:
            return "orange"
        if light > 68 and chroma < 34:
            return "beige"
        return "brown" if light < 68 else "orange"
    if hue < 100:
        if chroma < 30 and light > 60:
            return "beige"
        if light < 55:
            return "brown" if hue < 92 else "green"
        return "yellow" if chroma >= 30 else "beige"
    if hue < 115 and light > 70 and chroma > 40:
        return "yellow"
    if hue < 200:
        return "green"
    if hue < 297 or (hue < 308 and chroma > 60):
        return "blue"
    if hue < 328:
        return "purple"
    return "purple" if light < 55 and hue < 335 else "pink"
