"""Pictures on their way in: known by their content, made anew without what cameras add, kept in two sizes."""

import warnings
from functools import partial
from io import BytesIO
from typing import Any, BinaryIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from facilities.models import Facility, Milestone, Photo, Site, Space
from portal import audit
from portal.errors import Refused

MOST_BYTES = 12 * 1024 * 1024
MOST_PIXELS = 40_000_000
FORMATS = ("JPEG", "PNG", "WEBP")
SIZES = {"large": 1600, "small": 480}
LARGEST = max(SIZES.values())
SHORTEST, LONGEST_TO_SHORTEST = 64, 10  # a side in pixels, and how many times as long the other may be
QUALITY = 82

Made = dict[str, tuple[bytes, int, int]]  # of each size the file, its width and its height

# How a camera says that it was held, and what brings the picture upright.
ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


Subject = Site | Facility | Space | Milestone


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
        raise _not_a_picture(upload) from error
    if picture.width * picture.height > MOST_PIXELS:
        raise _too_many_pixels()
    if min(picture.size) < SHORTEST or max(picture.size) > min(picture.size) * LONGEST_TO_SHORTEST:
        raise PhotoRefused(_("照片太小或太窄，看不清，没有保存。请换一张照片。"))
    return picture


def _too_many_pixels() -> PhotoRefused:
    return PhotoRefused(_("照片超过 4000 万像素，没有保存。请缩小后再传。"))


def _not_a_picture(upload: BinaryIO) -> PhotoRefused:
    upload.seek(0)
    head = upload.read(16)
    if head[4:8] == b"ftyp":
        return PhotoRefused(
            _("这是 HEIC 一类的手机照片或视频，没有保存。请在手机相机设置里选“兼容性最佳”，或转成 JPG 再传。")
        )
    if head.startswith(b"GIF8"):
        return PhotoRefused(_("这是 GIF 图，没有保存。请换成 JPG、PNG 或 WebP 照片。"))
    return PhotoRefused(_("这个文件的内容不是 JPG、PNG 或 WebP 照片，没有保存。请换一张照片。"))


def encoded(upload: BinaryIO) -> Made:
    """Make each size anew from the pixels alone: place, camera and anything else hidden in the file stay out.

    The picture is made small while it is unpacked (JPEG) or right after, before anything is copied.
    """
    try:
        picture = opened(upload)
        picture.draft("RGB", (LARGEST, LARGEST))
        pixels = _on_white(picture)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise _not_a_picture(upload) from error
    made = {}
    for size, longest in SIZES.items():
        pixels.thumbnail((longest, longest), Image.Resampling.LANCZOS)
        written = BytesIO()
        pixels.save(written, "JPEG", quality=QUALITY, optimize=True, progressive=True)
        made[size] = (written.getvalue(), pixels.width, pixels.height)
    return made


def _on_white(picture: Image.Image) -> Image.Image:
    """A plain upright RGB picture that carries nothing over; what was transparent is white."""
    turn = picture.getexif().get(ORIENTATION, 1)
    is_clear = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    mode = "RGBA" if is_clear else "RGB"
    plain = picture if picture.mode == mode else picture.convert(mode)
    plain.thumbnail((LARGEST, LARGEST), Image.Resampling.LANCZOS, reducing_gap=2.0)
    ground = Image.new("RGB", plain.size, "white")
    ground.paste(plain, mask=plain.getchannel("A") if is_clear else None)
    return ground.transpose(TURNS[turn]) if turn in TURNS else ground


def add(subject: Subject, upload: BinaryIO, caption: str, *, by: Any) -> Photo:
    """Keep a picture of a site, a facility, a room or a milestone."""
    return keep(subject, encoded(upload), caption, by=by)


@transaction.atomic
def keep(subject: Subject, made: Made, caption: str, *, by: Any) -> Photo:
    """Keep what was made of an upload."""
    if not caption.strip():
        raise PhotoRefused(_("请写一句说明：拍的是什么。"))
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
