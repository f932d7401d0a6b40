"""The page's icon as PNG, for the home screens that take no SVG."""

import re
import struct
import zlib
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

_SVG = "{http://www.w3.org/2000/svg}"
_CURVE_POINTS = 10  # on each Bézier curve
_SAFE = 0.8  # share of a maskable icon that every shape of mask shows

Picture = NDArray[np.float64]  # [shape=(size, size, channels)]


def draw_icon(svg: str, size: int, *, maskable: bool = False) -> bytes:
    """Draw an icon of a rounded square with strokes on it.

    Parameters
    ----------
    svg : str
        One `rect` over the whole square view box, and `path` elements with strokes, of the
        commands M, C, S and V in absolute coordinates.
    size : int
        Pixels to a side.
    maskable : bool
        Whether the square has no corners cut off, and the strokes lie where any mask shows them.

    Returns
    -------
    bytes
        A PNG file.
    """
    root = ElementTree.fromstring(svg)
    extent = float(root.attrib["viewBox"].split()[2])
    scale = size / extent
    centres = (np.arange(size) + 0.5) / scale
    x, y = np.meshgrid(centres, centres)
    square = root.find(f"{_SVG}rect")
    assert square is not None
    picture = np.zeros((size, size, 4))
    picture[..., :3] = _colour(square.attrib["fill"])
    if maskable:
        picture[..., 3] = 1
        x, y = ((axis - extent / 2) / _SAFE + extent / 2 for axis in (x, y))
        scale *= _SAFE
    else:
        radius = float(square.attrib["rx"])
        from_centre = (abs(axis - extent / 2) - (extent / 2 - radius) for axis in (x, y))
        beyond = np.hypot(*(np.maximum(axis, 0) for axis in from_centre)) - radius
        picture[..., 3] = np.clip(0.5 - beyond * scale, 0, 1)
    for path in root.iter(f"{_SVG}path"):
        half = float(path.attrib["stroke-width"]) / 2
        distance = np.min([_distance(x, y, line) for line in _lines(path.attrib["d"])], axis=0)
        covered = np.clip(0.5 + (half - distance) * scale, 0, 1)[..., None]
        picture[..., :3] += covered * (_colour(path.attrib["stroke"]) - picture[..., :3])
    return _png(picture)


def _colour(written: str) -> NDArray[np.float64]:
    return np.array([int(written[start : start + 2], 16) for start in (1, 3, 5)]) / 255


def _lines(commands: str) -> list[NDArray[np.float64]]:
    """Return a path's strokes as polylines. [shape=(points, 2)] each."""
    lines: list[list[NDArray[np.float64]]] = []
    control = np.zeros(2)
    for letter, written in re.findall(r"([MCSV])([^MCSV]*)", commands):
        numbers = np.array([float(number) for number in written.split()])
        if letter == "M":
            lines.append([numbers])
        elif letter == "V":
            lines[-1].append(np.array([lines[-1][-1][0], numbers[0]]))
        else:
            start = lines[-1][-1]
            points = numbers.reshape(-1, 2)
            if letter == "S":  # the first control point mirrors the last
                points = np.vstack([2 * start - control, points])
            control = points[1]
            t = np.linspace(0, 1, _CURVE_POINTS)[1:, None]
            weights = (3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
            curve = (1 - t) ** 3 * start
            curve = curve + sum(w * p for w, p in zip(weights, points, strict=True))
            lines[-1].extend(curve)
    return [np.array(line) for line in lines]


def _distance(
    x: NDArray[np.float64], y: NDArray[np.float64], line: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the distance of each pixel from a polyline."""
    nearest = np.full(x.shape, np.inf)
    for (ax, ay), (bx, by) in pairwise(line):
        along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2)
        along = np.clip(along, 0, 1)
        nearest = np.minimum(
            nearest, np.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay))
        )
    return nearest


def _png(picture: Picture) -> bytes:
    height, width, _ = picture.shape
    pixels = np.rint(picture * 255).astype(np.uint8).reshape(height, -1)
    rows = np.concatenate([np.zeros((height, 1), np.uint8), pixels], axis=1).tobytes()
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in (
            (b"IHDR", header),
            (b"IDAT", zlib.compress(rows, 9)),
            (b"IEND", b""),
        )
    )
