from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.fields import MONTH_PATTERN, MonthField, community_key
from portal.access import ScopedQuerySet
from portal.months import in_words


class CloseState(models.TextChoices):
    BLOCKED = "blocked", _("受阻")
    DRAFT = "draft", _("草稿")
    NOTICE = "notice", _("公示中")
    POSTED = "posted", _("已入账")


def person_key(label: Any) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=label,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )


class MonthCloseQuerySet(ScopedQuerySet):
    def posted(self) -> "MonthCloseQuerySet":
        return self.filter(state=CloseState.POSTED)

    def published(self) -> "MonthCloseQuerySet":
        """Months that anybody may read: under notice or posted."""
        return self.filter(state__in=[CloseState.NOTICE, CloseState.POSTED])

    def open_to(self, user: Any) -> "MonthCloseQuerySet":
        """Months this reader may open: the published ones, and those of the regions they work for."""
        return self.published() | self.visible_to(user)

    def with_open_objections(self) -> "MonthCloseQuerySet":
        return self.filter(objections__answered_at=None, objections__isnull=False).distinct()


class MonthClose(models.Model):
    """One community's books of one month; the first row of a community starts its chain of months.

    Each computation is a new version. A posted month never changes again.
    """

    community = community_key("closes")
    month = MonthField(_("月份"))
    state = models.CharField(_("状态"), max_length=8, choices=CloseState)
    version = models.PositiveIntegerField(_("版本"), default=0)
    blocks = models.JSONField(_("受阻原因"), default=list, blank=True)
    digest = models.CharField(_("摘要"), max_length=64, blank=True)
    last_entry = models.PositiveIntegerField(_("末号分录"), default=0, editable=False)
    drafted_by = person_key(_("起草人"))
    drafted_at = models.DateTimeField(_("起草时间"), null=True, blank=True)
    confirmed_by = person_key(_("确认人"))
    notice_from = models.DateField(_("公示开始"), null=True, blank=True)
    notice_until = models.DateField(_("公示截止"), null=True, blank=True, help_text=_("含当日。"))
    posted_at = models.DateTimeField(_("入账时间"), null=True, blank=True)

    objects = MonthCloseQuerySet.as_manager()

    class Meta:
        verbose_name = _("月结")
        verbose_name_plural = pgettext_lazy("复数", "月结")
        ordering = ["-month", "community"]
        indexes = [models.Index(fields=["month", "state"], name="monthclose_month_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["community", "month"],
                name="monthclose_once",
                violation_error_message=_("这个社区这个月已经有月结。"),
            ),
            models.CheckConstraint(condition=Q(month__regex=MONTH_PATTERN), name="monthclose_month_form"),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | Q(drafted_by=None) | ~Q(confirmed_by=F("drafted_by")),
                name="monthclose_confirmed_by_another",
                violation_error_message=_("月结要由起草人以外的人确认。"),
            ),
            models.CheckConstraint(
                condition=~Q(state=CloseState.POSTED) | (~Q(digest="") & Q(posted_at__isnull=False)),
                name="monthclose_posted_has_digest",
            ),
            models.CheckConstraint(
                condition=~Q(state=CloseState.NOTICE)
                | Q(notice_from__isnull=False, notice_until__gte=F("notice_from")),
                name="monthclose_notice_has_dates",
            ),
            models.CheckConstraint(
                condition=Q(state=CloseState.BLOCKED) | Q(blocks=[]),
                name="monthclose_only_blocked_has_blocks",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="posted_close_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__state="posted"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.community} · {in_words(self.month)}"

    @property
    def is_posted(self) -> bool:
        return self.state == CloseState.POSTED

    @property
    def was_shown(self) -> bool:
        """Whether its notice has passed, or its community asks for none."""
        if self.community.notice_days == 0:
            return True
        return self.notice_until is not None and self.notice_until < timezone.localdate()


class ObjectionQuerySet(ScopedQuerySet):
    region_path = "close__community__region__code"

    def open(self) -> "ObjectionQuerySet":
        return self.filter(answered_at=None)


class Objection(models.Model):
    """What somebody holds against a published month; while it is open the month is not posted."""

    close = models.ForeignKey(MonthClose, models.PROTECT, verbose_name=_("月结"), related_name="objections")
    raised_by = person_key(_("提出人"))
    raised_for = models.CharField(_("代谁提出"), max_length=40, blank=True)
    text = models.TextField(_("异议"), max_length=2000)
    raised_at = models.DateTimeField(_("提出时间"), auto_now_add=True)
    answer = models.TextField(_("答复"), max_length=2000, blank=True)
    answered_by = person_key(_("答复人"))
    answered_at = models.DateTimeField(_("答复时间"), null=True, blank=True)

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("异议")
        verbose_name_plural = pgettext_lazy("复数", "异议")
        ordering = ["-raised_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at=None) | ~Q(answer=""),
                name="objection_answered_in_words",
                violation_error_message=_("答复不能为空。"),
            )
        ]

    def __str__(self) -> str:
        return self.text[:40]
