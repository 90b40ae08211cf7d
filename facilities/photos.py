"""Pictures on their way in: known by their content, made anew without what cameras add, kept in two sizes."""

import warnings
from functools import partial
from io import BytesIO
from typing import Any, BinaryIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from facilities.models import Facility, Milestone, Photo, Site
from portal import audit
from portal.errors import Refused

MOST_BYTES = 12 * 1024 * 1024
MOST_PIXELS = 40_000_000
FORMATS = ("JPEG", "PNG", "WEBP")
SIZES = {"large": 1600, "small": 480}
QUALITY = 82


class PhotoRefused(Refused):
    """A file that is no picture we can keep; the text says what to send instead."""


def opened(upload: BinaryIO) -> Image.Image:
    """Return the picture in a file, whatever its name says, or refuse it before it is unpacked."""
    upload.seek(0, 2)
    if upload.tell() > MOST_BYTES:
        raise PhotoRefused(_("照片超过 12 MB，没有保存。请缩小后再传。"))
    upload.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(upload, formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise _not_a_picture() from error
    if picture.width * picture.height > MOST_PIXELS:
        raise _too_many_pixels()
    return picture


def _too_many_pixels() -> PhotoRefused:
    return PhotoRefused(_("照片超过 4000 万像素，没有保存。请缩小后再传。"))


def _not_a_picture() -> PhotoRefused:
    return PhotoRefused(_("这个文件的内容不是 JPG、PNG 或 WebP 照片，没有保存。请换一张照片。"))


def encoded(upload: BinaryIO) -> dict[str, tuple[bytes, int, int]]:
    """Make each size anew from the pixels alone: place, camera and anything else hidden in the file stay out."""
    try:
        upright = ImageOps.exif_transpose(opened(upload))
        pixels = _on_white(upright)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise _not_a_picture() from error
    made = {}
    for size, longest in SIZES.items():
        smaller = pixels.copy()
        smaller.thumbnail((longest, longest), Image.Resampling.LANCZOS)
        written = BytesIO()
        smaller.save(written, "JPEG", quality=QUALITY, optimize=True, progressive=True)
        made[size] = (written.getvalue(), smaller.width, smaller.height)
    return made


def _on_white(picture: Image.Image) -> Image.Image:
    """A plain RGB picture that carries nothing over; what was transparent is white."""
    rgba = picture.convert("RGBA")
    ground = Image.new("RGB", rgba.size, "white")
    ground.paste(rgba, mask=rgba.getchannel("A"))
    return ground


@transaction.atomic
def add(subject: Site | Facility | Milestone, upload: Any, caption: str, *, by: Any) -> Photo:
    """Keep a picture of a site, a facility or a milestone."""
    if not caption.strip():
        raise PhotoRefused(_("请写一句说明：拍的是什么。"))
    made = encoded(upload)
    _content, width, height = made["large"]
    photo = Photo(
        community_id=subject.community_id,
        caption=caption.strip(),
        width=width,
        height=height,
        uploaded_by=by,
        **{subject._meta.model_name: subject},  # type: ignore[arg-type]
    )
    for size, (content, *_rest) in made.items():
        default_storage.save(photo.path(size), ContentFile(content))
    photo.save()
    audit.record("photo.added", subject, by=by, photo=photo.pk)
    return photo


@transaction.atomic
def rename(photo: Photo, caption: str, *, by: Any) -> None:
    """Say better what a picture shows; the picture itself stays."""
    if not caption.strip():
        raise PhotoRefused(_("请写一句说明：拍的是什么。"))
    Photo.objects.filter(pk=photo.pk).update(caption=caption.strip())
    audit.record("photo.changed", photo, by=by, photo=photo.pk)


@transaction.atomic
def remove(photo: Photo, *, by: Any) -> None:
    """Take a picture away, its files with it once that is certain."""
    paths = [photo.path(size) for size in SIZES]
    audit.record("photo.deleted", photo, by=by, photo=photo.pk)
    photo.delete()
    transaction.on_commit(partial(_forget, paths))


def _forget(paths: list[str]) -> None:
    for path in paths:
        default_storage.delete(path)
