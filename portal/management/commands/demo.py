from typing import IO, Any, cast

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _
from rich.console import Console

from facilities.models import Region
from portal.demo import months, neighbours, people, places, projects, rooms, told, weeks, worker
from portal.errors import Refused
from portal.models import User


class Command(BaseCommand):
    help = "准备演示：四个社区、各种角色的账号、两个已入账的月份和一个进行中的月份；重复运行不重做。"
    requires_system_checks: list[str] = []  # the second start is to be quick

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO or settings.PRODUCTION:
            raise CommandError(_("演示账号只能在演示模式下建立：请用 make run，或设置 DEMO=1。"))
        console = Console(file=cast(IO[str], self.stdout), highlight=False, soft_wrap=True)
        self._migrate()
        if not self._is_ready():
            try:
                self._prepare()
            except Refused as refused:
                raise CommandError(str(refused)) from refused
        told.months(console)
        told.accounts(console)

    def _migrate(self) -> None:
        executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self._say(_("建立数据库…"))
            call_command("migrate", interactive=False, verbosity=0)

    def _is_ready(self) -> bool:
        names = [person.username for person in people.PEOPLE]
        has_people = User.objects.filter(username__in=names).count() == len(names)
        has_places = (
            projects.are_there() and rooms.are_there() and weeks.are_there() and neighbours.are_there()
        )
        return has_people and not months.not_closed() and months.is_open_month_there() and has_places

    def _prepare(self) -> None:
        if not Region.objects.filter(pk=people.HUANGHE).exists():
            self._say(_("装入西安市的行政区划…"))
            call_command("load_regions", stdout=self.stdout, stderr=self.stderr)
        places.make_zone()
        if months.not_closed():
            with worker.worker_at_work():
                self._close()
        people.make_people()
        if not months.is_open_month_there():
            self._say(_("%(month)s：留给各位经办…") % {"month": months.OPEN})
            months.open_next()
        if not projects.are_there():
            self._say(_("三个中心的场地、方案和资金…"))
            projects.make()
        if not (rooms.are_there() and weeks.are_there()):
            self._say(_("各处房间、过去六周和今后两周的预约…"))
            rooms.make()
            weeks.make()
        if not neighbours.are_there():
            self._say(_("居民、家人和他们说的话…"))
            neighbours.make()

    def _close(self) -> None:
        """Each pack comes when the month before is posted."""
        for month in months.not_closed():
            self._say(_("%(month)s：导入数据…") % {"month": month})
            months.bring_in(month)
            places.name_places()
            self._say(_("%(month)s：结账…") % {"month": month})
            months.close(month)

    def _say(self, text: str) -> None:
        self.stdout.write(self.style.MIGRATE_HEADING(text))
