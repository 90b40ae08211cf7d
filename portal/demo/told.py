"""What the demo says at the end: the posted months, the accounts, who may do what."""

from decimal import Decimal

from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from billing.models import CommunityMonth
from portal.access import Role
from portal.demo.months import CLOSED
from portal.demo.people import COMMUNITIES, PASSWORD, PEOPLE, Person

DOORS = {
    Role.PROVIDER: "/desk/",
    Role.RESIDENT: "/",
    Role.OFFICIAL: "/admin/",
}


def months(console: Console) -> None:
    """One row a community and month, in yuan."""
    table = Table(title=_("已入账的月份（元；演示数据，金额为虚构）"), title_justify="left")
    for label in (_("月份"), _("社区")):
        table.add_column(label)
    for label in (_("水电账单"), _("分摊收回"), _("公益反哺"), _("期末"), _("缺口")):
        table.add_column(label, justify="right")
    rows = CommunityMonth.objects.filter(community__in=COMMUNITIES, month__in=CLOSED)
    for row in rows.select_related("community").order_by("month", "community"):
        figures = (row.bill_out, row.recovered_in, row.rebate_in, row.closing)
        lacks = f"[red]{yuan(row.shortfall)}[/red]" if row.shortfall else "—"
        table.add_row(row.month, row.community.name, *map(yuan, figures), lacks)
    console.print(table)


def accounts(console: Console) -> None:
    """Every demo account with its password, only ever shown in demo mode."""
    table = Table(
        title=_("演示账号（只在本机演示时可用，密码都是 [bold]%s[/bold]）") % PASSWORD,
        title_justify="left",
    )
    for label in (_("账号"), _("身份"), _("角色"), _("从哪里进")):
        table.add_column(label)
    for person in PEOPLE:
        table.add_row(person.username, person.name, role_of(person), door_of(person))
    console.print(table)


def role_of(person: Person) -> str:
    return str(Role(person.role).label) if person.role else _("超级用户")


def door_of(person: Person) -> str:
    return DOORS.get(Role(person.role), "/admin/") if person.role else "/admin/"


def yuan(amount: Decimal) -> str:
    """Thousands separators and a real minus sign."""
    return f"{amount:,.2f}".replace("-", "\N{MINUS SIGN}")
