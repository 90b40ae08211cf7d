"""说说: what residents lack or wish for, and what became of it."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from facilities.models.columns import community_of
from portal.access import ScopedQuerySet
from portal.history import tracked


class NeedState(models.TextChoices):
    WAITING = "waiting", _("待答复")
    IN_HAND = "in_hand", _("正在办")
    ANSWERED = "answered", _("已答复")
    CLOSED = "closed", _("已了结")


class NeedQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any, *roles: str) -> Self:
        """Staff see the needs of their regions; residents see what they said themselves."""
        rows = super().visible_to(user, *roles)
        if roles or not user.is_active or user.is_superuser or not user.pk:
            return rows
        return rows | self.filter(pk__in=Need.objects.said_by(user).values("pk"))

    def said_by(self, user: Any) -> Self:
        return self.filter(resident__account=user.pk)

    def waiting(self) -> Self:
        return self.filter(state=NeedState.WAITING)


@tracked(exclude=["resident", "text", "answer"])
class Need(models.Model):
    """One wish or need, by a resident or by somebody unnamed at the counter."""

    community = community_of("needs")
    category = models.ForeignKey(
        "facilities.Category",
        models.PROTECT,
        verbose_name=_("关于哪一类服务"),
        null=True,
        blank=True,
        related_name="+",
    )
    text = models.CharField(
        _("说说您缺什么、盼什么"),
        max_length=500,
        help_text=_("请不要写身份证号、电话等个人信息。"),
    )
    resident = models.ForeignKey(
        "residents.Resident",
        models.SET_NULL,
        verbose_name=_("反映人"),
        null=True,
        editable=False,
        related_name="needs",
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("窗口代录"),
        null=True,
        editable=False,
        related_name="+",
    )
    raised_at = models.DateTimeField(_("提出时间"), auto_now_add=True)
    state = models.CharField(
        _("状态"), max_length=8, choices=NeedState, default=NeedState.WAITING, editable=False
    )
    answer = models.CharField(_("答复"), max_length=500, blank=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("答复人"),
        null=True,
        editable=False,
        related_name="+",
    )
    answered_at = models.DateTimeField(_("答复时间"), null=True, editable=False)
    pruned_at = models.DateTimeField(_("内容清除时间"), null=True, editable=False)

    objects = NeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("需求")
        verbose_name_plural = pgettext_lazy("复数", "需求")
        ordering = ["-raised_at", "-pk"]
        indexes = [
            models.Index(fields=["community", "state"], name="need_community_state"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=NeedState.values),
                name="need_state_known",
                violation_error_message=_("没有这样的状态。"),
            ),
            models.CheckConstraint(
                condition=Q(pruned_at=None) | Q(text="", answer="", resident=None),
                name="need_pruned_says_nothing",
                violation_error_message=_("清除后不能再有内容。"),
            ),
            models.CheckConstraint(
                condition=~Q(state="answered") | Q(answered_at__isnull=False),
                name="need_answered_has_time",
            ),
        ]

    def __str__(self) -> str:
        """A number, not the words: this is what audit entries keep."""
        return str(_("需求 %d") % self.pk) if self.pk else ""
