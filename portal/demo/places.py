"""What the demo knows about its four communities beside the packs, and one development zone."""

from random import Random

from billing.money import from_units
from facilities.models import Community, Datum, Facility, Level, Region
from facilities.outlines import outlines, point_within
from portal.demo.people import DIANJIAN, HUANGHE, LIYUAN, TIANFU, XIAN

NAMES = {HUANGHE: "黄河社区", TIANFU: "天府社区", DIANJIAN: "电建社区", LIYUAN: "梨园社区"}
ADDRESSES = {
    "HH-1": "新城区长乐中路街道",
    "TF-1": "长安区韦曲街道",
    "DJ-1": "新城区长乐西路街道",
    "LY-1": "莲湖区红庙坡街道",
}
CASH_HOLDERS = {TIANFU: Community.CashHolder.OWN, LIYUAN: Community.CashHolder.CHARITY}

# Development zones have no statistical code: this one is made up; the street and its legal district are not.
ZONE_CODE = "610191000000"
ZONE_NAME = "曲江新区（开发区，示例代码）"
MANAGED_STREET = "610113008000"  # 曲江街道
MICRO_PLACES = 6


def name_places() -> None:
    """Give the communities the names people use, and the facilities an address and an illustrative point."""
    for code, name in NAMES.items():
        holder = CASH_HOLDERS.get(code, Community.CashHolder.STREET)
        Community.objects.filter(pk=code).update(name=name, cash_holder=holder)
    for facility in Facility.objects.filter(ref__in=ADDRESSES):
        district = f"{facility.community_id[:6]}000000"
        chance = Random(facility.ref)  # noqa: S311 - an illustrative point, no secret
        longitude, latitude = point_within(outlines()[district], chance.randint)
        facility.address = ADDRESSES[facility.ref]
        facility.longitude = from_units(longitude, MICRO_PLACES)
        facility.latitude = from_units(latitude, MICRO_PLACES)
        facility.datum, facility.is_illustrative = Datum.GCJ02, True
        facility.save(update_fields=["address", "longitude", "latitude", "datum", "is_illustrative"])


def make_zone() -> None:
    """A development zone that manages a street of another district; the legal district stays."""
    zone, _made = Region.objects.get_or_create(
        code=ZONE_CODE,
        defaults={
            "name": ZONE_NAME,
            "level": Level.ZONE,
            "parent_id": XIAN,
            "prefix": ZONE_CODE[:6],
        },
    )
    Region.objects.filter(code=MANAGED_STREET).update(managed_by=zone)
