"""A disk that is full while a month is written: nothing half-written, and the run ends once there is room."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.site import LIVE, MONTH, Site, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults")]


@pytest.fixture
def small_disk(site: Site) -> Iterator[Path]:
    """A file system of a few megabytes that holds the ledger's lines."""
    folder = site.folder / "small"
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"a small file system needs the right to mount: {done.stderr.strip()}")
    place = folder / "tablespace"
    place.mkdir(mode=0o700)
    site.servers.folder.own(place)
    try:
        site.at_server(f"CREATE TABLESPACE small LOCATION '{place}'")
        site.at_server("ALTER TABLE billing_line SET TABLESPACE small", database=LIVE)
        yield folder
    finally:
        site.reset()
        site.at_server("DROP TABLESPACE IF EXISTS small")
        subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path) -> Path:
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(1 << 16))
        except OSError:
            return filler


def test_a_full_disk_leaves_nothing_half_written_and_the_run_ends_once_there_is_room(
    site: Site, small_disk: Path
):
    filler = fill(small_disk)
    site.worker()
    run = site.ask("start", MONTH)
    tried = "SELECT count(*) FROM billing_closebatch WHERE attempts > 0 AND state = 'waiting' AND error <> ''"
    wait_until(lambda: site.rows(tried)[0][0] == len(site.batches(run)))

    assert site.ask("progress", run)["handled"] == 0
    assert site.rows("SELECT count(*) FROM billing_monthclose") == [(0,)]
    assert site.rows("SELECT count(*) FROM billing_share") == [(0,)]

    filler.unlink()

    site.finish(run)
    site.expect_posted_once(run)
