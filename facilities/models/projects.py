"""一项目一方案: what is to be built, by whom, for what price, in which phases, and who agreed to it."""

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from facilities.models.columns import community_of
from facilities.models.sites import BuildMode, person_key
from portal.access import STAFF_ROLES, ScopedQuerySet
from portal.history import tracked

# The seven parts a plan has, no more and no fewer, in their order.
PARTS = ("builder", "operator", "services", "price_list", "cooperation", "supervision", "duties")


class ProjectState(models.TextChoices):
    DRAFT = "draft", _("草拟")
    SUBMITTED = "submitted", _("待街道审批")
    STREET = "street", _("待区县审批")
    APPROVED = "approved", _("已批准")
    FINISHED = "finished", _("已建成")


OPEN_STATES = (ProjectState.APPROVED, ProjectState.FINISHED)


class ProjectQuerySet(ScopedQuerySet):
    def published(self) -> "ProjectQuerySet":
        """Approved plans are for everybody to read."""
        return self.filter(state__in=OPEN_STATES)

    def open_to(self, user: object) -> "ProjectQuerySet":
        """The published ones, and every other where the reader works."""
        if not getattr(user, "is_authenticated", False):
            return self.published()
        return self.published() | self.visible_to(user, *STAFF_ROLES)


@tracked()
class Project(models.Model):
    """One project, one plan in seven parts; it is built when street and district have agreed."""

    community = community_of("projects")
    name = models.CharField(_("项目名称"), max_length=80)
    facility = models.ForeignKey(
        "facilities.Facility",
        models.PROTECT,
        verbose_name=_("设施"),
        null=True,
        blank=True,
        related_name="projects",
    )
    site = models.ForeignKey(
        "facilities.Site",
        models.PROTECT,
        verbose_name=_("场地"),
        null=True,
        blank=True,
        related_name="projects",
    )
    build_mode = models.CharField(_("建设方式"), max_length=10, choices=BuildMode, default=BuildMode.WHOLE)
    is_pilot = models.BooleanField(_("百个试点"), default=False, help_text=_("列入全市 100 个试点社区。"))
    builder = models.TextField(_("建设主体"), blank=True)
    operator = models.TextField(_("服务运营主体"), blank=True)
    services = models.TextField(_("服务项目"), blank=True)
    price_list = models.TextField(_("普惠收费标准"), blank=True)
    cooperation = models.TextField(_("合作运营模式"), blank=True)
    supervision = models.TextField(_("监督管理"), blank=True)
    duties = models.TextField(_("各方职责"), blank=True)
    state = models.CharField(
        _("状态"), max_length=10, choices=ProjectState, default=ProjectState.DRAFT, editable=False
    )
    entered_by = person_key(_("方案录入人"), null=True, editable=False)
    street_by = person_key(_("街道审批人"), null=True, editable=False)
    street_at = models.DateTimeField(_("街道审批时间"), null=True, editable=False)
    district_by = person_key(_("区县审批人"), null=True, editable=False)
    district_at = models.DateTimeField(_("区县审批时间"), null=True, editable=False)
    returned_for = models.CharField(_("退回原因"), max_length=300, blank=True, editable=False)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("建设项目")
        verbose_name_plural = pgettext_lazy("复数", "建设项目")
        ordering = ["community", "pk"]
        indexes = [models.Index(fields=["community"], name="project_community")]
        constraints = [
            models.UniqueConstraint(
                fields=["community", "name"],
                name="project_name_once",
                violation_error_message=_("这个社区已有同名的项目。"),
            ),
            models.CheckConstraint(
                condition=Q(street_by=None) | Q(entered_by=None) | ~Q(street_by=F("entered_by")),
                name="project_street_is_another",
                violation_error_message=_("不能审批自己录入的方案。"),
            ),
            models.CheckConstraint(
                condition=Q(district_by=None)
                | ((Q(entered_by=None) | ~Q(district_by=F("entered_by"))) & ~Q(district_by=F("street_by"))),
                name="project_district_is_another",
                violation_error_message=_("录入、街道审批和区县审批要三个人。"),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=OPEN_STATES) | Q(street_at__isnull=False, district_at__isnull=False),
                name="project_open_is_approved",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_published(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def parts(self) -> list[tuple[str, str]]:
        """The seven parts as label and text."""
        return [(label_of(name), getattr(self, name)) for name in PARTS]


def label_of(part: str) -> str:
    """What people call one of the seven parts."""
    return str(getattr(Project._meta.get_field(part), "verbose_name", part))


@tracked()
class Phase(models.Model):
    """A stage of a project with its own budget, rooms and dates."""

    project = models.ForeignKey(Project, models.PROTECT, verbose_name=_("项目"), related_name="phases")
    community = community_of("+", editable=False)
    number = models.PositiveSmallIntegerField(_("第几期"), validators=[MinValueValidator(1)])
    name = models.CharField(_("内容"), max_length=160)
    budget = models.DecimalField(
        _("预算（元）"),
        max_digits=14,
        decimal_places=2,
        default=Decimal(0),
        validators=[MinValueValidator(0)],
    )
    area_m2 = models.DecimalField(
        _("面积（㎡）"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    starts_on = models.DateField(_("开工"), null=True, blank=True)
    ends_on = models.DateField(_("完工"), null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("建设分期")
        verbose_name_plural = pgettext_lazy("复数", "建设分期")
        ordering = ["project", "number"]
        indexes = [models.Index(fields=["community"], name="phase_community")]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "number"],
                name="phase_number_once",
                violation_error_message=_("这一期已经有了。"),
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")) | Q(starts_on=None) | Q(ends_on=None),
                name="phase_dates_in_order",
                violation_error_message=_("完工日期不能早于开工日期。"),
            ),
            models.CheckConstraint(
                condition=Q(budget__gte=0) & (Q(area_m2=None) | Q(area_m2__gte=0)),
                name="phase_figures_not_negative",
                violation_error_message=_("预算和面积不能为负。"),
            ),
        ]

    def __str__(self) -> str:
        return _("%(project)s 第 %(number)s 期") % {"project": self.project, "number": self.number}


@tracked()
class Milestone(models.Model):
    """A step of a phase that can be seen, with the day it was due and the day it was done."""

    phase = models.ForeignKey(Phase, models.PROTECT, verbose_name=_("分期"), related_name="milestones")
    community = community_of("+", editable=False)
    name = models.CharField(_("节点"), max_length=120)
    due_on = models.DateField(_("计划"), null=True, blank=True)
    done_on = models.DateField(_("完成"), null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("项目节点")
        verbose_name_plural = pgettext_lazy("复数", "项目节点")
        ordering = ["phase", F("due_on").asc(nulls_last=True), "pk"]
        indexes = [models.Index(fields=["community"], name="milestone_community")]

    def __str__(self) -> str:
        return self.name
