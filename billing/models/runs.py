"""The state of a run over many communities: in PostgreSQL, so that a lost worker loses nothing."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Func
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.fields import MonthField
from portal.access import ScopedQuerySet
from portal.months import in_words


class CloseRunQuerySet(ScopedQuerySet):
    region_path = "region__code"

    def with_counts(self) -> "CloseRunQuerySet":
        """How many communities each run has, how many were handled, and how many of its batches failed."""
        size = Func("batches__codes", function="cardinality", output_field=models.IntegerField())
        state = "batches__state"
        ended = models.Q(**{f"{state}__in": (CloseBatch.State.DONE, CloseBatch.State.FAILED)})
        return self.annotate(
            total=models.Sum(size, default=0),
            handled=models.Sum(size, filter=ended, default=0),
            failed=models.Count("batches", filter=models.Q(**{state: CloseBatch.State.FAILED})),
        )


class CloseRun(models.Model):
    """One order to close a month for the communities of a region, handed out in batches."""

    class Goal(models.TextChoices):
        DRAFT = "draft", _("只算草稿")
        POST = "post", _("算完入账")

    region = models.ForeignKey(
        "facilities.Region", models.PROTECT, verbose_name=_("地区"), related_name="+", db_index=False
    )
    month = MonthField(_("月份"))
    goal = models.CharField(_("目标"), max_length=8, choices=Goal)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("发起人"),
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField(_("发起时间"), auto_now_add=True)
    resumed_at = models.DateTimeField(_("继续时间"), null=True, blank=True)
    finished_at = models.DateTimeField(_("完成时间"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("取消时间"), null=True, blank=True)

    objects = CloseRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("月结任务")
        verbose_name_plural = pgettext_lazy("复数", "月结任务")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.region} · {in_words(self.month)} #{self.pk}"


class CloseBatchQuerySet(ScopedQuerySet):
    region_path = "run__region__code"


class CloseBatch(models.Model):
    """A few hundred communities of a run: claimed by a worker, alive while its heartbeat is."""

    class State(models.TextChoices):
        WAITING = "waiting", _("等待")
        CLAIMED = "claimed", _("处理中")
        DONE = "done", _("完成")
        FAILED = "failed", _("失败")

    run = models.ForeignKey(CloseRun, models.CASCADE, related_name="batches")
    number = models.PositiveIntegerField(_("批号"))
    codes = ArrayField(models.CharField(max_length=12), verbose_name=_("社区"))
    state = models.CharField(_("状态"), max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("次数"), default=0)
    claimed_by = models.CharField(_("处理者"), max_length=80, blank=True)
    heartbeat_at = models.DateTimeField(_("最近心跳"), null=True, blank=True)
    handed_out_at = models.DateTimeField(_("派出时间"), null=True, blank=True)
    finished_at = models.DateTimeField(_("完成时间"), null=True, blank=True)
    outcomes = models.JSONField(_("结果"), default=dict)
    error = models.CharField(_("错误"), max_length=200, blank=True)

    objects = CloseBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("月结批次")
        verbose_name_plural = pgettext_lazy("复数", "月结批次")
        ordering = ["run", "number"]
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="closebatch_once")]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.number}"
