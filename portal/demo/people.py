"""Demo accounts, one for every role; they open only in demo mode, which listens on loopback alone."""

from typing import Any, NamedTuple

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.contrib.auth.hashers import make_password

from facilities.models import Region
from portal.access import STAFF_ROLES, Role
from portal.models import AccessRole, User
from services.models import Provider, ProviderMember

PASSWORD = "liren-demo-2026"  # noqa: S105 - shown on screen; refused outside demo mode
DOMAIN = "@demo.invalid"

XIAN, XINCHENG, LIANHU, CHANGAN = "610100000000", "610102000000", "610104000000", "610116000000"
HUANGHE, TIANFU = "610102002006", "610116001060"
DIANJIAN, LIYUAN = "610102008007", "610104004019"
COMMUNITIES = (HUANGHE, DIANJIAN, LIYUAN, TIANFU)


class Person(NamedTuple):
    """One demo account; `places` are where the role holds."""

    username: str
    name: str
    role: str = ""
    places: tuple[str, ...] = ()
    provider: str = ""


PEOPLE = (
    Person("admin", "系统管理员"),
    Person("clerk", "黄河社区经办", Role.CLERK, (HUANGHE,)),
    Person("clerk-tianfu", "天府社区经办", Role.CLERK, (TIANFU,)),
    Person("clerk-dianjian", "电建社区经办", Role.CLERK, (DIANJIAN,)),
    Person("clerk-liyuan", "梨园社区经办", Role.CLERK, (LIYUAN,)),
    Person("accountant", "代理记账会计", Role.ACCOUNTANT, COMMUNITIES),
    Person("approver", "长乐中路街道审批", Role.APPROVER, ("610102002000",)),
    Person(
        "approver-other",
        "其他街道审批",
        Role.APPROVER,
        ("610102008000", "610104004000", "610116001000"),
    ),
    Person("approver-district", "区县审批", Role.APPROVER, (XINCHENG, CHANGAN)),
    Person("inspector", "新城区巡查员", Role.INSPECTOR, (XINCHENG,)),
    Person("official-street", "长乐西路街道主管", Role.OFFICIAL, ("610102008000",)),
    Person("official-district", "新城区民政主管", Role.OFFICIAL, (XINCHENG,)),
    Person("official-city", "西安市民政主管", Role.OFFICIAL, (XIAN,)),
    Person("official-zone", "曲江新区主管", Role.OFFICIAL, ("610191000000",)),
    Person("region-admin", "西安市地区管理员", Role.REGION_ADMIN, (XIAN,)),
    Person("provider", "黄河共享食堂店长", Role.PROVIDER, (HUANGHE,), provider="HH-P1"),
    Person("provider-liyuan", "梨园托幼负责人", Role.PROVIDER, (LIYUAN,), provider="LY-P1"),
    Person("resident", "居民甲", Role.RESIDENT, (HUANGHE,)),
    Person("resident-liyuan", "居民乙", Role.RESIDENT, (LIYUAN,)),
)


class DemoAccountsStayInDemo(AuthenticationBackend):
    """Sign-in by number, address or name and password; demo accounts only while the demo runs."""

    def user_can_authenticate(self, user: Any) -> bool:
        is_demo_account = user is not None and user.email.endswith(DOMAIN)
        return super().user_can_authenticate(user) and (settings.DEMO or not is_demo_account)


def make_people() -> None:
    """Make the accounts that are missing, each with its role and provider."""
    password = make_password(PASSWORD)
    known = set(User.objects.values_list("username", flat=True))
    providers = {provider.ref: provider for provider in Provider.objects.all()[:1000]}
    for person in PEOPLE:
        if person.username not in known:
            _make(person, password, providers.get(person.provider))


def _make(person: Person, password: str, provider: Provider | None) -> None:
    user = User.objects.create(
        username=person.username,
        display_name=person.name,
        email=person.username + DOMAIN,
        password=password,
        is_staff=person.role in STAFF_ROLES or not person.role,
        is_superuser=not person.role,
    )
    regions = Region.objects.filter(code__in=person.places)
    AccessRole.objects.bulk_create(
        AccessRole(user=user, role=person.role, region=region) for region in regions
    )
    if provider:
        ProviderMember.objects.create(user=user, provider=provider)
