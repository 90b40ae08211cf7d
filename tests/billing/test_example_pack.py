"""Must hold 1: the worked months, imported and closed one after the other, to the byte."""

from pathlib import Path

import pytest
from django.core.management import call_command

from billing.export_rows import FILES
from tests.billing.worlds import OCTOBER, SEPTEMBER, faults

EXPECTED = Path(__file__).parent.parent / "data" / "example_pack" / "expected"
PACKS = Path("portal/demo/packs")

pytestmark = pytest.mark.django_db


def test_the_worked_months_come_out_to_the_byte(tmp_path):
    call_command("load_regions", verbosity=0)

    for month in (SEPTEMBER, OCTOBER):
        call_command("import_pack", PACKS / month)
        with pytest.raises(SystemExit) as ended:
            call_command("close_month", month, "--inline")
        call_command("export_close", month, out=tmp_path / month)

        assert ended.value.code == 0
        for file in FILES:
            name = f"{file}.csv"
            assert (tmp_path / month / name).read_bytes() == (EXPECTED / month / name).read_bytes()
    assert faults() == []
