import datetime as dt
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.access import ScopedQuerySet
from portal.history import tracked
from services.models.providers import Provider

SOON = dt.timedelta(days=30)


class LicenceQuerySet(ScopedQuerySet):
    """A licence is seen by whoever sees its provider."""

    region_path = "provider__region__code"

    def visible_to(self, user: Any, *roles: str) -> Self:
        if user.is_active and user.is_superuser:
            return self
        return self.filter(provider__in=Provider.objects.visible_to(user, *roles).values("pk"))

    def running_out(self, on: dt.date) -> Self:
        """Those that end within a month, or have ended and were not replaced by one of the same kind."""
        later = Licence.objects.filter(
            Q(valid_until=None) | Q(valid_until__gt=models.OuterRef("valid_until")),
            provider=models.OuterRef("provider"),
            kind=models.OuterRef("kind"),
        )
        return self.filter(~models.Exists(later), valid_until__lte=on + SOON)


@tracked()
class Licence(models.Model):
    """A permit of a provider: what it allows ends on a day, and somebody must see to it before."""

    class Kind(models.TextChoices):
        BUSINESS = "business", _("营业执照")
        FOOD = "food", _("食品经营许可证")
        HYGIENE = "hygiene", _("公共场所卫生许可证")
        MEDICAL = "medical", _("医疗机构执业许可证")
        CHILDCARE = "childcare", _("托育机构备案")
        ELDER_CARE = "elder_care", _("养老机构备案")
        SOCIAL_ORG = "social_org", _("社会组织登记证书")
        FIRE = "fire", _("消防安全检查意见")
        OTHER = "other", _("其他证照")

    provider = models.ForeignKey(Provider, models.PROTECT, verbose_name=_("服务商"), related_name="licences")
    kind = models.CharField(_("证照种类"), max_length=12, choices=Kind)
    number = models.CharField(_("证照编号"), max_length=64)
    issued_by = models.CharField(_("发证机关"), max_length=80, blank=True)
    valid_from = models.DateField(_("有效期自"), null=True, blank=True)
    valid_until = models.DateField(
        _("有效期至"), null=True, blank=True, help_text=_("含当日；长期有效的不填。")
    )

    objects = LicenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("证照")
        verbose_name_plural = pgettext_lazy("复数", "证照")
        ordering = ["valid_until", "pk"]
        indexes = [models.Index(fields=["valid_until"], name="licence_until", condition=~Q(valid_until=None))]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "kind", "number"],
                name="licence_once",
                violation_error_message=_("这张证照已经登记过。"),
            ),
            models.CheckConstraint(
                condition=Q(valid_until__gte=F("valid_from")) | Q(valid_from=None) | Q(valid_until=None),
                name="licence_dates_in_order",
                violation_error_message=_("有效期结束不能早于开始。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"

    @property
    def days_left(self) -> int | None:
        """How long it still holds; below 0 once it has ended."""
        return None if self.valid_until is None else (self.valid_until - timezone.localdate()).days
