"""Two places that have everything, and somebody for every role in the first of them."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image

from billing.models import MonthClose, Share
from facilities import photos
from facilities.models import Community, Region
from portal.access import Role
from portal.models import User
from services.models import Provider
from tests.factories import (
    AccountFactory,
    BillFactory,
    BillSharingFactory,
    BookingFactory,
    ChargeFactory,
    CloseRunFactory,
    CommunityFactory,
    CommunityMonthFactory,
    MessageFactory,
    MonthCloseFactory,
    NeedFactory,
    ProjectFactory,
    RebateFactory,
    RegionFactory,
    RegionMonthFactory,
    ResidentFactory,
    ShareFactory,
    SiteFactory,
    UserFactory,
    post,
)

OWN, FOREIGN = "610102002006", "610202001001"

# The columns of docs/access.md: who asks, and the region their role is held in.
READERS = {
    "游客": None,
    "经办": (Role.CLERK, OWN),
    "会计": (Role.ACCOUNTANT, OWN),
    "审批": (Role.APPROVER, "610102002000"),
    "巡查": (Role.INSPECTOR, "610102000000"),
    "街道主管": (Role.OFFICIAL, "610102002000"),
    "区主管": (Role.OFFICIAL, "610102000000"),
    "市主管": (Role.OFFICIAL, "610100000000"),
    "地区管理员": (Role.REGION_ADMIN, "610100000000"),
    "商家": (Role.PROVIDER, OWN),
    "居民": (Role.RESIDENT, OWN),
    "超级用户": None,
}


@dataclass(frozen=True, slots=True)
class Place:
    """A community with a posted, a published and a drafted month, and everything a page may name."""

    community: Community
    posted: MonthClose
    share: Share
    charge: Any
    rebate: Any
    region_month: Any
    bill: str
    notice_bill: Any
    run: Any
    project: Any
    photo: Any
    booking: Any
    resident: Any
    need: Any
    message: Any
    account: Any

    @property
    def code(self) -> str:
        return self.community.code

    @property
    def agreement(self) -> Any:
        return self.share.agreement

    @property
    def provider(self) -> Provider:
        return self.agreement.provider


def make_place(code: str) -> Place:
    community = CommunityFactory(code=code)
    share = ShareFactory(sharing__bill=BillFactory(facility__community=community))
    close = share.sharing.close
    charge = ChargeFactory(close=close, agreement=share.agreement)
    rebate = RebateFactory(close=close, agreement=share.agreement)
    CommunityMonthFactory(close=close)
    notice = MonthCloseFactory(community=community, month="2026-10", notice=True)
    CommunityMonthFactory(close=notice)
    notice_bill = BillFactory(facility=share.agreement.facility, october=True)
    BillSharingFactory(close=notice, bill=notice_bill)
    CommunityMonthFactory(close=MonthCloseFactory(community=community, month="2026-11"))
    resident = ResidentFactory(community=community)
    return Place(
        community=community,
        posted=post(close),
        share=share,
        charge=charge,
        rebate=rebate,
        region_month=RegionMonthFactory(region=community.region),
        bill=share.sharing.bill.ref,
        notice_bill=notice_bill,
        run=CloseRunFactory(region=community.region, goal="draft"),
        project=ProjectFactory(community=community, approved=True),
        photo=photos.add(SiteFactory(community=community), picture(), "场地", by=None),
        booking=BookingFactory(space__facility=share.agreement.facility),
        resident=resident,
        need=NeedFactory(resident=resident),
        message=MessageFactory(),
        account=AccountFactory(community=community),
    )


def picture() -> BytesIO:
    written = BytesIO()
    Image.new("RGB", (160, 120)).save(written, "PNG")
    return written


def make_reader(column: str, place: Place) -> User | None:
    """Somebody who holds the role of this column; None is a guest."""
    if column == "超级用户":
        return UserFactory(superuser=True)
    held = READERS[column]
    if held is None:
        return None
    role, code = held
    region: Region = RegionFactory(code=code)
    provider = place.provider if role == Role.PROVIDER else None
    return UserFactory(roles=[(role, region)], provider=provider)
