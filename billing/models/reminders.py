from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.fields import MonthField, community_key
from portal.access import ScopedQuerySet


class ReminderQuerySet(ScopedQuerySet):
    def open(self) -> "ReminderQuerySet":
        return self.filter(settled_at=None)


class Reminder(models.Model):
    """Something a month still lacks, and who was asked for it; nobody where no one has the role there."""

    community = community_key("reminders")
    month = MonthField(_("月份"))
    kind = models.CharField(_("种类"), max_length=40)
    ref = models.CharField(_("对象"), max_length=64, db_collation="C")
    text = models.CharField(_("缺什么"), max_length=400)
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("提醒了谁"),
        null=True,
        related_name="reminders",
        db_index=False,
    )
    sent_at = models.DateTimeField(_("提醒时间"), auto_now_add=True)
    settled_at = models.DateTimeField(_("补齐时间"), null=True, blank=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        verbose_name = _("提醒")
        verbose_name_plural = pgettext_lazy("复数", "提醒")
        ordering = ["-month", "community", "kind", "ref"]
        indexes = [models.Index(fields=["to", "month"], name="reminder_to_month")]
        constraints = [
            models.UniqueConstraint(
                fields=["community", "month", "kind", "ref", "to"],
                name="reminder_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return self.text
