import gc
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management import CommandError, CommandParser
from django.core.management.base import BaseCommand
from django.db import transaction
from django.test import Client
from django.utils.translation import gettext as _

from facilities.models import Community, Level, Region
from portal.access import STAFF_ROLES, Role
from portal.models import AccessRole, User
from portal.pages import MOST_MS, MOST_QUERIES, Visit, walk


class Command(BaseCommand):
    help = "用每种工作角色打开能到达的每个页面，列出查询次数和毫秒中位数；有页面超限时以 1 退出。不留下数据。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--times", type=int, default=5, help="每页计时几次，取中位数")
        parser.add_argument("--role", action="append", choices=[str(role) for role in STAFF_ROLES])
        parser.add_argument("--all", action="store_true", help="列出每一页，不只是每个角色最慢的十页")

    def handle(self, *args: Any, **options: Any) -> None:
        costly: list[str] = []
        logging.disable(logging.WARNING)  # pages that take a POST only say so each time
        with nothing_stays():
            for role, place in places().items():
                if options["role"] and role not in options["role"]:
                    continue
                client = Client(SERVER_NAME="localhost")
                client.force_login(somebody(role, place))
                gc.freeze()  # as `portal.wsgi` does
                visits = list(walk(client, times=options["times"]))
                self._tell(f"{role.label} · {place}", visits, options["all"])
                costly += [f"{role}: {one.address}" for one in visits if one.is_costly or one.status >= 500]
        if costly:
            raise CommandError(_("超限的页面：") + "\n" + "\n".join(costly))

    def _tell(self, who: str, visits: list[Visit], whole: bool) -> None:
        median = sorted(one.ms for one in visits)[len(visits) // 2]
        self.stdout.write(
            _("%(who)s：%(count)s 页，最多 %(queries)s 次查询，中位 %(median).0f ms，最慢 %(ms).0f ms")
            % {
                "who": who,
                "count": len(visits),
                "queries": max(one.queries for one in visits),
                "median": median,
                "ms": max(one.ms for one in visits),
            }
        )
        shown = sorted(visits, key=lambda one: (not one.is_costly, -one.ms))
        for one in shown if whole else shown[:10]:
            mark = "!" if one.queries > MOST_QUERIES or one.ms > MOST_MS else " "
            self.stdout.write(f" {mark} {one.status} {one.queries:3d} {one.ms:6.0f} ms  {one.address}")


def places() -> dict[Role, Region]:
    """A region for every staff role, around the first community there is."""
    community = Community.objects.order_by("region").select_related("region__parent__parent").first()
    if community is None:
        raise CommandError(_("还没有社区：先装入数据，如 manage.py load_city。"))
    here: Any = community.region
    city = Region.objects.get(level=Level.CITY, children__children__children=here)
    return {
        Role.CLERK: here,
        Role.ACCOUNTANT: here,
        Role.APPROVER: here.parent,
        Role.INSPECTOR: here.parent.parent,
        Role.OFFICIAL: city,
        Role.REGION_ADMIN: city,
    }


def somebody(role: Role, place: Region) -> User:
    user = User.objects.create(username=f"pages-{role}", display_name=str(role.label), is_staff=True)
    AccessRole.objects.create(user=user, role=role, region=place)
    return user


@contextmanager
def nothing_stays() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
