"""Consent: to which text, given when, by whom, through which channel; withdrawn when."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from residents.models.scope import PeopleQuerySet


class Purpose(models.TextChoices):
    SERVICE = "service", _("办理预约和服务")
    PHONE = "phone", _("保存手机号")
    CHILD = "child", _("监护人为未满十四周岁的孩子登记")


class Channel(models.TextChoices):
    SITE = "site", _("本人在网上")
    FAMILY = "family", _("家人代为转达")
    COUNTER = "counter", _("社区窗口")


# The text that is in force for each purpose; an older consent counts no longer and is asked for again.
# A text that changes is a new entry here (residents/consents.py says them) and a higher number.
CURRENT = {Purpose.SERVICE: 1, Purpose.PHONE: 1, Purpose.CHILD: 1}


class ConsentQuerySet(PeopleQuerySet):
    region_path = "resident__community__region__code"

    def in_force(self, purpose: str | None = None) -> Self:
        """Consents to a text that is still in force, not withdrawn; of one purpose or all."""
        current = Q(pk__in=[])
        for one, version in CURRENT.items():
            if purpose in (None, one):
                current |= Q(purpose=one, version=version)
        return self.filter(current, withdrawn_at=None)


class Consent(models.Model):
    """One consent to one version of a text; withdrawn by a date, never deleted."""

    resident = models.ForeignKey(
        "residents.Resident", models.PROTECT, verbose_name=_("居民"), related_name="consents"
    )
    purpose = models.CharField(_("用途"), max_length=8, choices=Purpose)
    version = models.PositiveSmallIntegerField(_("文本版本"))
    channel = models.CharField(_("方式"), max_length=8, choices=Channel)
    given_at = models.DateTimeField(_("同意时间"), default=timezone.now, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("办理人"), null=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(_("撤回时间"), null=True, editable=False)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("同意")
        verbose_name_plural = pgettext_lazy("复数", "同意")
        ordering = ["-given_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["resident", "purpose"],
                condition=Q(withdrawn_at=None),
                name="consent_one_in_force",
                violation_error_message=_("已经同意过。"),
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(withdrawn_at__gte=F("given_at")),
                name="consent_withdrawn_after_given",
                violation_error_message=_("撤回不能早于同意。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.version}"
