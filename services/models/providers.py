from typing import Any, Self

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.access import ScopedQuerySet
from portal.history import tracked


class ProviderQuerySet(ScopedQuerySet):
    """A provider is seen where it was registered and wherever it has an agreement."""

    region_path = "region__code"

    def visible_to(self, user: Any, *roles: str) -> Self:
        if not user.is_active or user.is_superuser:
            return super().visible_to(user, *roles)
        agreements = apps.get_model("services", "Agreement").objects
        at_work = agreements.visible_to(user, *roles).values("provider")
        registered_here = super().visible_to(user, *roles).values("pk")
        within = Q(pk__in=at_work) | Q(pk__in=registered_here)
        return self.filter(within if roles else within | Q(pk__in=user.provider_ids))


@tracked(exclude=["phone"])
class Provider(models.Model):
    """Somebody who offers services in a community's rooms and gives something back."""

    class Kind(models.TextChoices):
        ENTERPRISE = "enterprise", _("企业")
        SELF_EMPLOYED = "self_employed", _("个体工商户")
        SOCIAL_ORG = "social_org", _("社会组织")
        SELF_ORGANISATION = "self_organisation", _("居民自组织")

    ref = models.CharField(_("服务商编号"), max_length=64, db_collation="C")
    name = models.CharField(_("服务商名称"), max_length=80)
    kind = models.CharField(_("主体类型"), max_length=20, choices=Kind, blank=True)
    uscc = models.CharField(_("统一社会信用代码"), max_length=18, blank=True)
    phone = models.CharField(_("联系电话"), max_length=20, blank=True)
    region = models.ForeignKey(
        "facilities.Region",
        models.PROTECT,
        verbose_name=_("登记地区"),
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )

    objects = ProviderQuerySet.as_manager()

    class Meta:
        verbose_name = _("服务商")
        verbose_name_plural = pgettext_lazy("复数", "服务商")
        ordering = ["ref"]
        indexes = [models.Index(fields=["region"], name="provider_region")]
        constraints = [
            models.UniqueConstraint(
                fields=["ref"],
                name="provider_ref_once",
                violation_error_message=_("服务商编号已被使用。"),
            )
        ]

    def __str__(self) -> str:
        return self.name


class ProviderMemberQuerySet(ScopedQuerySet):
    region_path = "provider__region__code"


@tracked()
class ProviderMember(models.Model):
    """A person who acts for a provider."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("用户"), related_name="memberships"
    )
    provider = models.ForeignKey(Provider, models.CASCADE, verbose_name=_("服务商"), related_name="members")

    objects = ProviderMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("服务商成员")
        verbose_name_plural = pgettext_lazy("复数", "服务商成员")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "provider"],
                name="providermember_once",
                violation_error_message=_("这位用户已经是该服务商的成员。"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.provider}"
