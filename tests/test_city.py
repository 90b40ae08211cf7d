"""The made-up city: the same for the same seed, through the same door as packs, odd only when asked."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from billing import closing, review
from billing.city.arrangements import CHOICES
from billing.city.communities import FAULTS, make_community
from billing.city.packs import write_packs
from billing.models import CloseState, MonthClose, RebateTerm, Revenue, UtilityBill, UtilityTerm
from facilities.models import Community, Facility
from facilities.outlines import contains, outlines
from portal.months import Month
from services.models import Agreement
from tests.factories import CommunityFactory, FacilityFactory, RegionFactory, TariffFactory

CODES = [f"610102002{number:03d}" for number in range(1, 11)]
RUN = [Month(2026, 9), Month(2026, 10)]


def made(code: str = CODES[0], *, seed: int = 1, with_faults: bool = False) -> Any:
    return make_community(code, "示例社区", agreements=8, seed=seed, with_faults=with_faults)


def written(folder: Path, run: list[Month], seed: int = 1) -> dict[str, str]:
    packs = write_packs(folder, [made(code, seed=seed) for code in CODES], run)
    return {f"{pack.name}/{file.name}": file.read_text() for pack in packs for file in pack.iterdir()}


def test_same_seed_writes_the_same_packs_and_another_seed_others(tmp_path: Path) -> None:
    first, again = written(tmp_path / "a", RUN), written(tmp_path / "b", RUN)

    assert first == again
    assert first != written(tmp_path / "c", RUN, seed=2)


def test_community_is_the_same_whatever_stands_beside_it(tmp_path: Path) -> None:
    [alone] = write_packs(tmp_path / "alone", [made(CODES[3])], RUN[:1])
    among = written(tmp_path / "among", RUN[:1])

    assert set((alone / "bills.csv").read_text().splitlines()) <= set(among["2026-09/bills.csv"].splitlines())


def test_faults_change_nothing_in_other_communities() -> None:
    for number in range(200):
        code = f"610102003{number:03d}"
        odd, plain = made(code, with_faults=True), made(code)
        if not odd.fault:
            assert odd == plain


def test_about_two_percent_are_odd_and_every_fault_occurs() -> None:
    faults = Counter(
        made(f"6101{street:05d}{number:03d}", with_faults=True).fault
        for street in range(2000, 2020)
        for number in range(1, 101)
    )

    assert set(faults) == {"", *FAULTS}
    assert 20 <= 2000 - faults[""] <= 60


@pytest.mark.parametrize("utility", list(CHOICES))
def test_every_method_and_residual_occurs(utility: str) -> None:
    arrangements = CHOICES[utility]

    assert {method for one in arrangements for method in one.methods} == {
        "submeter",
        "shared",
        "lump_sum",
        "",
    }
    assert {one.residual for one in arrangements} == {"share", "loss"}


def test_points_lie_inside_the_outline_of_their_district(tmp_path: Path) -> None:
    [district] = outlines()["610102000000"]
    rows = written(tmp_path, RUN[:1])["2026-09/facilities.csv"].splitlines()
    header, *facilities = [row.split(",") for row in rows]
    at = {name: position for position, name in enumerate(header)}

    for row in facilities:
        longitude, latitude = (row[at[name]].replace(".", "") for name in ("longitude", "latitude"))
        assert contains(district, (int(longitude), int(latitude)))


def test_outside_and_holes_are_not_inside() -> None:
    square = [[(0, 0), (10, 0), (10, 10), (0, 10)], [(4, 4), (6, 4), (6, 6), (4, 6)]]

    assert contains(square, (2, 2))
    assert not contains(square, (5, 5))
    assert not contains(square, (11, 5))


@pytest.mark.django_db
class TestLoadCity:
    @pytest.fixture(autouse=True)
    def _regions(self) -> None:
        for code in CODES:
            RegionFactory(code=code)
        RegionFactory(code="610102002201", name="示例村")

    def load(self, tmp_path: Path, **options: Any) -> None:
        call_command("load_city", months=2, seed=1, out=tmp_path, verbosity=0, **options)

    def test_ten_communities_two_months(self, tmp_path: Path) -> None:
        self.load(tmp_path)

        assert list(Community.objects.order_by("pk").values_list("pk", flat=True)) == CODES
        assert Agreement.objects.count() == 80
        assert UtilityBill.objects.count() == 10 * 2 * 2
        assert Facility.objects.filter(is_illustrative=True, datum="GCJ-02").count() == 10
        assert not MonthClose.objects.exists()

    def test_every_method_and_give_back_kind_comes_through(self, tmp_path: Path) -> None:
        self.load(tmp_path)

        assert set(UtilityTerm.objects.values_list("method", flat=True)) == {
            "submeter",
            "shared",
            "lump_sum",
        }
        assert set(RebateTerm.objects.values_list("kind", flat=True)) == {
            "percent",
            "tiered",
            "fixed",
            "in_kind",
        }

    def test_months_without_faults_are_complete_and_close(self, tmp_path: Path) -> None:
        self.load(tmp_path)

        for month in map(str, RUN):
            assert [one for one in review.findings(month, CODES) if one.is_incomplete] == []
            outcomes = closing.close_batch(month, CODES)
            assert {(one.state, *one.blocks) for one in outcomes} == {(CloseState.POSTED,)}

    def test_loading_twice_changes_nothing(self, tmp_path: Path) -> None:
        self.load(tmp_path)
        before = list(Revenue.objects.order_by("pk").values())

        self.load(tmp_path)

        assert list(Revenue.objects.order_by("pk").values()) == before

    def test_community_with_a_facility_of_its_own_is_left_alone(self, tmp_path: Path) -> None:
        TariffFactory()
        FacilityFactory(community=CommunityFactory(code=CODES[0]))

        self.load(tmp_path)

        assert Facility.objects.filter(community=CODES[0]).count() == 1
        assert Facility.objects.count() == 10

    def test_only_the_first_communities(self, tmp_path: Path) -> None:
        self.load(tmp_path, communities=3, agreements=2)

        assert Agreement.objects.count() == 6
