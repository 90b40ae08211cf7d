"""A plan on its way: entered, approved by the street, then by the district, by three different people."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from facilities.models import Project, ProjectState
from facilities.models.projects import PARTS, label_of
from portal import audit
from portal.access import Role
from portal.errors import Refused
from portal.models import AuditEntry
from portal.notifications import tell

DISTRICT = 6  # digits of a district's code
WAITING = (ProjectState.SUBMITTED, ProjectState.STREET)
ENTERING = ("project.added", "project.changed", "project.imported", "project.handed_in")


class ProjectRefused(Refused):
    """A step that the state of a plan, or who asks, does not allow."""


def _step(wanted: str, deed: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Lock the project, let it only take the step from the state wanted, save and record."""

    def wrap(step: Callable[..., None]) -> Callable[..., None]:
        @transaction.atomic
        def taken(project: Project, *args: Any, by: Any) -> None:
            row = Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
            if row.state != wanted:
                text = _("项目现在是“%(now)s”，这一步要在“%(wanted)s”时做。")
                names = {"now": row.get_state_display(), "wanted": ProjectState(wanted).label}
                raise ProjectRefused(text % names)
            step(row, *args, by=by)
            row.save()
            audit.record(f"project.{deed}", row, by=by, pk=row.pk)
            project.__dict__.update({key: value for key, value in vars(row).items() if key != "_state"})

        return taken

    return wrap


def missing_parts(project: Project) -> list[str]:
    """The labels of those of the seven parts that are not written yet."""
    return [label_of(name) for name in PARTS if not getattr(project, name).strip()]


@_step(ProjectState.DRAFT, "handed_in")
def submit(project: Project, *, by: Any) -> None:
    """Hand in a plan: all seven parts are written and there is at least one phase."""
    if lacking := missing_parts(project):
        raise ProjectRefused(_("方案还缺：%s。七项写齐再提交。") % "、".join(lacking))
    if not project.phases.exists():
        raise ProjectRefused(_("请先写明至少一期建设的内容、预算和面积。"))
    project.state, project.returned_for = ProjectState.SUBMITTED, ""
    project.entered_by = project.entered_by or by


@_step(ProjectState.SUBMITTED, "street_approved")
def approve_for_street(project: Project, *, by: Any) -> None:
    """Approve for the street; never what one entered oneself."""
    _may_approve(project, by)
    project.state = ProjectState.STREET
    project.street_by, project.street_at = by, timezone.now()
    _tell(project, _("街道已批准"), _("接下来由区县审批，您不用再做什么。"))


@_step(ProjectState.STREET, "district_approved")
def approve_for_district(project: Project, *, by: Any) -> None:
    """Approve for the district, as a third person; the plan is public from now on."""
    _may_approve(project, by)
    if not is_district_approver(by, project.community_id):
        raise ProjectRefused(_("这一步由区县审批：要在区县一级有审批角色。"))
    if project.street_by_id == by.pk:
        raise ProjectRefused(_("街道和区县审批不能是同一个人。"))
    project.state = ProjectState.APPROVED
    project.district_by, project.district_at = by, timezone.now()
    _tell(project, _("区县已批准"), _("方案已经公开。请按期登记建设节点和资金。"))


@_step(ProjectState.APPROVED, "finished")
def finish(project: Project, *, by: Any) -> None:
    """Say that the project stands: every milestone has its day."""
    if project.phases.filter(milestones__isnull=False, milestones__done_on=None).exists():
        raise ProjectRefused(_("还有节点没有填完成日期，填好再标为已建成。"))
    project.state = ProjectState.FINISHED


def send_back(project: Project, reason: str, *, by: Any) -> None:
    """Give a plan back to those who entered it, with the reason; approvals begin anew."""
    current = Project.objects.get(pk=project.pk).state
    if current not in WAITING:
        raise ProjectRefused(_("只有待审批的方案可以退回。"))
    _step(current, "returned")(_sent_back)(project, reason, by=by)


def _sent_back(project: Project, reason: str, *, by: Any) -> None:
    if not reason.strip():
        raise ProjectRefused(_("请写明退回的原因。"))
    if not by.holds(project.community_id, Role.APPROVER):
        raise ProjectRefused(_("只有本地区的审批人可以退回方案。"))
    project.state, project.returned_for = ProjectState.DRAFT, reason.strip()[:300]
    project.street_by = project.street_at = None
    _tell(project, _("方案被退回修改"), _("退回的原因：%s。改好后再提交。") % project.returned_for)


def _tell(project: Project, what: str, advice: str) -> None:
    """Tell who entered a plan how far it is."""
    if project.entered_by is not None:
        tell(
            project.entered_by,
            f"project.{project.state}",
            subject=project,
            title=_("%(what)s：%(name)s") % {"what": what, "name": project},
            text=advice,
            url=reverse("admin:facilities_project_change", args=[project.pk]),
            key=f"project:{project.pk}:{project.state}:{timezone.now().isoformat()}",
        )


def _may_approve(project: Project, by: Any) -> None:
    if not by.holds(project.community_id, Role.APPROVER):
        raise ProjectRefused(_("只有本地区的审批人可以审批方案。"))
    if has_entered(project, by):
        raise ProjectRefused(_("不能审批自己录入的方案，请另一位审批人处理。"))


def has_entered(project: Project, user: Any) -> bool:
    """Whether somebody wrote any of the plan: not only who did so last."""
    return project.pk in entered_among([project], user)


def entered_among(plans: Sequence[Project], user: Any) -> set[int]:
    """The keys of those of these plans that somebody wrote any of; one query for all."""
    keys = {one.pk for one in plans}
    imported = Q(action="project.imported", region__in={one.community_id for one in plans})
    deeds = AuditEntry.objects.filter(Q(data__pk__in=keys) | imported, by=user, action__in=ENTERING)
    written = {
        pk for data in deeds.values_list("data", flat=True) for pk in data.get("rows", [data.get("pk")])
    }
    return {one.pk for one in plans if one.entered_by_id == user.pk} | (written & keys)


def is_district_approver(user: Any, code: str) -> bool:
    """Whether somebody approves for the district, the city or the province a place lies in."""
    prefixes = user.region_prefixes(Role.APPROVER)
    return user.is_superuser or any(len(one) <= DISTRICT and code.startswith(one) for one in prefixes)
