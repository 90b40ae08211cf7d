"""What people upload is a picture by its content or it is refused; only the pixels are kept."""

import os
import struct
import subprocess
import sys
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
    SpaceFactory,
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


def animated(kind):
    written = BytesIO()
    frames = [Image.new("RGB", (300, 200), colour) for colour in ("red", "green", "blue")]
    frames[0].save(written, kind, save_all=True, append_images=frames[1:], duration=100)
    return written.getvalue()


def kept_of(content):
    photo = photos.add(SiteFactory(), uploaded(content), "场地", by=UserFactory())
    with default_storage.open(photo.path("large")) as file:
        return photo, file.read()


@pytest.mark.parametrize(
    ("what", "content", "text"),
    [
        ("a moving GIF", animated("GIF"), "这是 GIF 图"),
        ("a photo as some phones keep it", b"\0\0\0\x18ftypheic" + b"\0" * 200, "HEIC"),
        ("a film", b"\0\0\0\x18ftypmp42" + b"\0" * 200, "手机照片或视频"),
        ("a strip", picture("PNG", (30_000, 70)), "太小或太窄"),
        ("a dot", picture("PNG", (1, 1)), "太小或太窄"),
        ("half a PNG", picture("PNG", (900, 900))[:600], "不是 JPG、PNG 或 WebP"),
        ("half a WebP", animated("WEBP")[:60], "不是 JPG、PNG 或 WebP"),
        ("a ZIP called .jpg", b"PK\x03\x04" + b"\0" * 300, "不是 JPG、PNG 或 WebP"),
    ],
)
def test_what_else_people_send_is_refused_in_words(what, content, text):
    with pytest.raises(photos.PhotoRefused, match=text):
        photos.encoded(BytesIO(content))


@pytest.mark.parametrize(
    "content",
    [
        picture("JPEG") + b"<script>alert(1)</script>",
        picture("PNG") + b"PK\x03\x04" + b"\0" * 50,
    ],
)
def test_what_hangs_on_a_picture_is_cut_off(content):
    _photo, kept = kept_of(content)

    assert b"<script>" not in kept
    assert b"PK\x03\x04" not in kept
    assert kept.startswith(b"\xff\xd8")
    assert kept.endswith(b"\xff\xd9")


@pytest.mark.parametrize("mode", ["CMYK", "L", "RGB"])
def test_every_kind_of_colour_is_kept_as_rgb(mode):
    written = BytesIO()
    Image.new(mode, (300, 200)).save(written, "JPEG")

    _photo, kept = kept_of(written.getvalue())

    assert Image.open(BytesIO(kept)).mode == "RGB"


def test_a_moving_picture_stands_still_and_what_is_clear_is_white():
    _photo, still = kept_of(animated("WEBP"))
    clear = BytesIO()
    Image.new("RGBA", (300, 200), (0, 0, 0, 0)).save(clear, "PNG")
    _photo, white = kept_of(clear.getvalue())

    assert getattr(Image.open(BytesIO(still)), "n_frames", 1) == 1
    assert Image.open(BytesIO(white)).getpixel((5, 5)) == (255, 255, 255)


MEASURE = """
import resource, sys
import django; django.setup()
from facilities import photos
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
photos.encoded(open(sys.argv[1], "rb"))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
LARGEST = {
    "JPEG": ("RGB", {}, 40),
    "JPEG that builds up": ("RGB", {"progressive": True}, 160),
    "PNG": ("RGB", {"compress_level": 1}, 200),
    "PNG with clear parts": ("RGBA", {"compress_level": 1}, 240),
}


@pytest.mark.parametrize("what", LARGEST)
def test_the_largest_picture_allowed_costs_little_memory(tmp_path, what):
    """39 megapixels, made small in a process of its own; in megabytes."""
    mode, extra, most = LARGEST[what]
    Image.new(mode, (7300, 5400), "red").save(tmp_path / "large", what.split()[0], **extra)

    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path / "large")],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert int(done.stdout.split()[-1]) < most * 1024, done.stdout


def test_a_photo_of_a_room_is_seen_as_the_room_is(client):
    here = CommunityFactory()
    facility = FacilityFactory(community=here)
    public, hidden = (
        photos.add(
            SpaceFactory(facility=facility, is_public=is_public),
            uploaded(picture()),
            "房间",
            by=UserFactory(),
        )
        for is_public in (True, False)
    )

    assert seen_by(client, None, public) == 200
    assert seen_by(client, None, hidden) == 404
    assert seen_by(client, UserFactory(roles=[(Role.RESIDENT, here)]), hidden) == 404
    assert seen_by(client, staff(Role.CLERK, here), hidden) == 200


def test_a_photo_shows_on_the_page_of_its_room(client):
    room = SpaceFactory()
    photo = photos.add(room, uploaded(picture()), "茶桌和窗", by=UserFactory())
    client.force_login(UserFactory())

    page = client.get(reverse("room", args=[room.pk])).content.decode()

    assert photo.small_url in page
    assert 'alt="茶桌和窗"' in page


def test_a_photo_is_added_on_the_page_of_a_room(client):
    room = SpaceFactory(name="茶艺室")
    client.force_login(staff(Role.CLERK, room.community))
    own = {"name": room.name, "floor": 1, "capacity": 20, "area_m2": 60, "is_public": "on"}
    own |= {f"{name}-{count}_FORMS": "0" for name in ("rule", "links") for count in ("TOTAL", "INITIAL")}

    answer = client.post(
        reverse("admin:facilities_space_change", args=[room.pk]),
        {**own, **photo_form(upload=uploaded(picture()), caption="茶桌")},
    )

    assert answer.status_code == 302
    assert room.photos.get().caption == "茶桌"
