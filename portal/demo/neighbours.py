"""The demo's residents: a family, somebody who came to the counter, what they wish for."""

from django.db import transaction

from facilities.models import Category, Community
from portal.demo.people import HUANGHE, LIYUAN
from portal.models import User
from residents import accounts, consents, family, needs
from residents.accounts import Told
from residents.models import Channel, Need, Purpose, Resident, TieKind

# Numbers nobody has: the demo sends to none.
PHONES = {"resident": "13800138001", "resident-liyuan": "13800138002"}
HOMES = {
    "resident": (HUANGHE, Told("居民甲", 1957, PHONES["resident"], "3号楼2单元")),
    "resident-liyuan": (LIYUAN, Told("居民乙", 1988, PHONES["resident-liyuan"], "1号楼1单元")),
}
FAMILY = (
    ("resident", Told("居民甲的老伴", 1955), TieKind.HELPER),
    ("resident-liyuan", Told("居民乙的孩子", 2019), TieKind.GUARDIAN),
)
AT_THE_COUNTER = Told("居民丙", 1948, "", "5号楼1单元")
SAID = (
    ("resident", "晚上想学书法，有没有夜校班？"),
    ("resident", "食堂能不能做少盐的菜？"),
    ("resident-liyuan", "寒假里孩子白天没人带，想要托管。"),
)
NOTED = "老人想在家门口量血压。"


def are_there() -> bool:
    return Resident.objects.filter(account__username__in=HOMES).count() == len(HOMES)


@transaction.atomic
def make() -> None:
    """The residents who are missing, with their family, and what was said."""
    clerk = User.objects.get(username="clerk")
    for username, (code, told) in HOMES.items():
        user = User.objects.get(username=username)
        if not Resident.objects.filter(account=user).exists():
            resident = accounts.join(Community.objects.get(pk=code), told, by=user)
            accounts.confirm(resident, by=User.objects.get(username="region-admin"))
            _family(username, resident, user)
            for who, text in SAID:
                if who == username:
                    needs.say(resident, text)
    huanghe = Community.objects.get(pk=HUANGHE)
    if not Need.objects.filter(entered_by=clerk).exists():
        needs.note(huanghe, NOTED, Category.objects.first(), by=clerk)
        needs.answer(Need.objects.filter(text=SAID[1][1])[0], "下周起每天有一道少盐菜。", by=clerk)
        _at_the_counter(huanghe, clerk)


def _family(username: str, resident: Resident, user: User) -> None:
    for who, told, kind in FAMILY:
        if who == username:
            family.add(resident, told, kind, by=user)


def _at_the_counter(community: Community, clerk: User) -> None:
    resident = Resident(
        community=community, called=AT_THE_COUNTER.called, birth_year=AT_THE_COUNTER.birth_year
    )
    resident.household = accounts.household_at(community, AT_THE_COUNTER.label)
    resident.save()
    consents.give(resident, Purpose.SERVICE, by=clerk, channel=Channel.COUNTER)
