# SPDX-License-Identifier: Apache-2.0
"""A logo as it is kept: drawn anew as a small PNG, so that nothing of the file that came is served but its picture."""

from __future__ import annotations

import io

from regulars.errors import InvalidParameter

LOGO_BYTES_MAX = 262_144
"""Of the file that comes."""
LOGO_SIDE_MAX = 4_000
"""Pixels, of the file that comes."""
KEPT_WIDTH, KEPT_HEIGHT = 480, 96
"""Pixels, of what is kept: shown at a third of it, sharp on any screen."""


def logo_png(content: bytes, *, name: str = "logo") -> bytes:
    """
    Return the PNG that is kept of a PNG or JPEG file; it has no metadata and nothing beside its pixels.

    Units:  bytes.
    Raises: InvalidParameter.
    """
    from PIL import Image  # large, and needed by nobody who sets no logo

    if len(content) > LOGO_BYTES_MAX:
        raise InvalidParameter(name, f"at most {LOGO_BYTES_MAX // 1024} KiB")
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as picture:
            if max(picture.size) > LOGO_SIDE_MAX:  # before a pixel is unpacked
                raise InvalidParameter(name, f"at most {LOGO_SIDE_MAX} pixels wide and high")
            drawn = picture.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InvalidParameter(name, "a PNG or JPEG picture is expected") from error
    drawn.thumbnail((KEPT_WIDTH, KEPT_HEIGHT))
    drawn.info.clear()
    kept = io.BytesIO()
    drawn.save(kept, "PNG", optimize=True)
    return kept.getvalue()
