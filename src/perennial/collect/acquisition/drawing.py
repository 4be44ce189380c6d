"""A code's address as a picture that a phone reads."""

import io
from typing import Literal

import segno

PictureFormat = Literal["svg", "png"]
_BORDER = 4
"""Modules of white around it, as the standard asks."""


def draw(address: str, *, form: PictureFormat, scale: int) -> bytes:
    """A QR code of an address; error correction M, higher where it costs no size."""
    picture, out = segno.make_qr(address, error="m"), io.BytesIO()
    picture.save(out, kind=form, scale=scale, border=_BORDER)
    return out.getvalue()
