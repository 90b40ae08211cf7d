"""What people upload is a picture by its content or it is refused; only the pixels are kept."""

import struct
import zlib
from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from facilities import photos
from facilities.models import Photo
from portal.access import Role
from portal.models import AuditEntry
from tests.factories import (
    CommunityFactory,
    FacilityFactory,
    MilestoneFactory,
    SiteFactory,
    UserFactory,
    staff,
)

pytestmark = pytest.mark.django_db


def picture(kind="JPEG", size=(2000, 1000), **extra):
    written = BytesIO()
    Image.new("RGB", size, "#b3262e").save(written, kind, **extra)
    return written.getvalue()


def uploaded(content, name="照片.jpg"):
    return SimpleUploadedFile(name, content, "image/jpeg")


def bomb(width, height):
    """A PNG of a few bytes whose head promises this many pixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
REFUSED = {
    "a bomb of 50 megapixels": (bomb(10_000, 5_000), "4000 万像素"),
    "a bomb of a gigapixel": (bomb(40_000, 40_000), "4000 万像素"),
    "an SVG with a script": (SVG, "不是 JPG、PNG 或 WebP"),
    "a program called .jpg": (b"MZ\x90\x00" + b"\0" * 500, "不是 JPG、PNG 或 WebP"),
    "a page called .jpg": (b"<html><script>alert(1)</script></html>", "不是 JPG、PNG 或 WebP"),
    "a GIF": (picture("GIF"), "这是 GIF 图"),
    "half a picture": (picture()[:400], "不是 JPG、PNG 或 WebP"),
    "nothing": (b"", "不是 JPG、PNG 或 WebP"),
    "too large a file": (picture() + b"\0" * photos.MOST_BYTES, "12 MB"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_good_picture_is_refused_in_words(what):
    content, text = REFUSED[what]

    with pytest.raises(photos.PhotoRefused, match=text):
        photos.add(SiteFactory(), uploaded(content), "场地", by=UserFactory())

    assert not Photo.objects.exists()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_kept_in_two_sizes_as_jpeg(kind):
    photo = photos.add(SiteFactory(), uploaded(picture(kind), "x.exe"), "场地正门", by=UserFactory())

    for size, longest in photos.SIZES.items():
        with default_storage.open(photo.path(size)) as file, Image.open(file) as kept:
            assert kept.format == "JPEG"
            assert max(kept.size) == longest
    assert (photo.width, photo.height) == (1600, 800)
    assert AuditEntry.objects.get().action == "photo.added"


def test_place_and_camera_are_not_kept_and_the_picture_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # lying on its side
    exif[0x010F] = "Secret camera"
    exif.get_ifd(0x8825)[1] = "N"

    photo = photos.add(SiteFactory(), uploaded(picture(exif=exif)), "场地", by=UserFactory())

    with default_storage.open(photo.path("large")) as file:
        content = file.read()
    kept = Image.open(BytesIO(content))
    assert b"Secret" not in content
    assert not kept.getexif()
    assert kept.height > kept.width


def test_a_removed_picture_takes_its_files_along(django_capture_on_commit_callbacks):
    photo = photos.add(SiteFactory(), uploaded(picture()), "场地", by=UserFactory())
    paths = [photo.path(size) for size in photos.SIZES]

    with django_capture_on_commit_callbacks(execute=True):
        photos.remove(photo, by=UserFactory())

    assert not any(default_storage.exists(path) for path in paths)


def seen_by(client, user, photo):
    client.logout()
    if user:
        client.force_login(user)
    return client.get(photo.large_url).status_code


def test_a_photo_of_a_site_is_seen_by_its_staff_only(client):
    here, there = CommunityFactory(), CommunityFactory()
    photo = photos.add(SiteFactory(community=here), uploaded(picture()), "场地", by=UserFactory())

    assert seen_by(client, staff(Role.CLERK, here), photo) == 200
    assert seen_by(client, staff(Role.CLERK, there), photo) == 404
    assert seen_by(client, UserFactory(roles=[(Role.RESIDENT, here)]), photo) == 404
    assert seen_by(client, None, photo) == 404
    assert client.get(f"/media/{photo.path('large')}").status_code in (302, 404)


def test_a_photo_of_an_approved_project_is_seen_by_everybody(client):
    draft, open_one = MilestoneFactory(), MilestoneFactory(phase__project__approved=True)
    hidden, shown = (
        photos.add(milestone, uploaded(picture()), "节点", by=UserFactory())
        for milestone in (draft, open_one)
    )

    assert seen_by(client, None, hidden) == 404
    assert seen_by(client, None, shown) == 200
    assert client.get(shown.small_url)["Content-Type"] == "image/jpeg"
    assert client.get(reverse("photo", args=[shown.key, "raw"])).status_code == 404


def test_the_proxy_is_told_where_the_file_is(client, settings):
    settings.MEDIA_ACCEL = "/protected/"
    photo = photos.add(
        MilestoneFactory(phase__project__approved=True), uploaded(picture()), "节点", by=UserFactory()
    )

    response = client.get(photo.large_url)

    assert response["X-Accel-Redirect"] == f"/protected/{photo.path('large')}"
    assert response.content == b""


def photo_form(**values):
    empty = {"photos-TOTAL_FORMS": "1", "photos-INITIAL_FORMS": "0"}
    return {**empty, **{f"photos-0-{name}": value for name, value in values.items()}}


def test_a_clerk_adds_a_photo_on_the_page_of_a_facility(client):
    facility = FacilityFactory()
    client.force_login(staff(Role.CLERK, facility.community))
    address = reverse("admin:facilities_facility_change", args=[facility.pk])
    own = {"name": facility.name, "ref": facility.ref}

    bad = client.post(address, {**own, **photo_form(upload=uploaded(SVG), caption="正门")})
    good = client.post(address, {**own, **photo_form(upload=uploaded(picture()), caption="正门")})

    assert bad.status_code == 200
    assert "不是 JPG、PNG 或 WebP" in bad.content.decode()
    assert good.status_code == 302
    assert facility.photos.get().caption == "正门"
