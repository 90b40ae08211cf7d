"""People: the least that a booking or a call needs. No ID-card number, no door number, no full name."""

from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from facilities.models.columns import community_of
from portal.history import tracked
from portal.personal import EncryptedCharField, lookup, mask_phone, normal_phone
from residents.models.consents import Consent, Purpose
from residents.models.scope import PeopleQuerySet

CHILD_UNTIL = 14  # until then only with a guardian's consent (personal information law, art. 31)


@tracked(exclude=["label"])
class Household(models.Model):
    """Those who live together, at the entrance of a building; never the door.

    Grids come later: a household is where they will be hung, as a nullable foreign key.
    """

    community = models.ForeignKey(
        "facilities.Community",
        models.PROTECT,
        verbose_name=_("社区"),
        related_name="+",
        db_index=False,
    )
    label = models.CharField(
        _("楼栋单元"), max_length=24, help_text=_("例如 3号楼2单元；不写门牌号。"), blank=True
    )

    objects = PeopleQuerySet.as_manager()

    class Meta:
        verbose_name = _("家庭户")
        verbose_name_plural = pgettext_lazy("复数", "家庭户")
        ordering = ["community", "label", "pk"]
        indexes = [models.Index(fields=["community", "label"], name="household_community")]

    def __str__(self) -> str:
        return self.label or self.audited_as

    @property
    def audited_as(self) -> str:
        """A number: where people live is forgotten with them."""
        return str(_("第 %d 户") % self.pk)


class ResidentQuerySet(PeopleQuerySet):
    def visible_to(self, user: Any, *roles: str) -> Self:
        """Staff see those of their communities; residents see themselves and those they act for."""
        rows = super().visible_to(user, *roles)
        if roles or not user.is_active or user.is_superuser or not user.pk:
            return rows
        return rows | self.filter(pk__in=Resident.objects.acted_for_by(user).values("pk"))

    def acted_for_by(self, user: Any) -> Self:
        """The resident of this account and those whom it acts for."""
        if not user.pk:
            return self.none()
        ties = FamilyTie.objects.filter(actor__account=user.pk).values("member")
        return self.filter(Q(account=user.pk) | Q(pk__in=ties), erased_at=None)

    def known(self) -> Self:
        return self.filter(erased_at=None)

    def with_phone(self, text: str) -> Self:
        """Those whose number is exactly this one; nobody for what is no number."""
        try:
            return self.known().filter(phone_digest=lookup(normal_phone(text)))
        except ValidationError:
            return self.none()

    def agreed(self) -> Self:
        """Those for whom we may act: a consent to the text in force, for a child that of the guardian."""
        is_child = Q(birth_year__gte=timezone.localdate().year - CHILD_UNTIL)
        adults = Consent.objects.in_force(Purpose.SERVICE).values("resident")
        children = Consent.objects.in_force(Purpose.CHILD).values("resident")
        return self.known().filter(
            (~is_child | Q(birth_year=None)) & Q(pk__in=adults) | is_child & Q(pk__in=children)
        )


@tracked(exclude=["account", "called", "birth_year", "phone", "phone_digest"])
class Resident(models.Model):
    """A person of a community, with an account or without; once erased, a row that only counts.

    Care groups come later, encrypted, in a table of their own that points here.
    """

    community = community_of("residents")
    account = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("账户"),
        null=True,
        editable=False,
        related_name="resident",
    )
    household = models.ForeignKey(
        Household,
        models.SET_NULL,
        verbose_name=_("家庭户"),
        null=True,
        blank=True,
        related_name="residents",
    )
    called = models.CharField(_("称呼"), max_length=20, help_text=_("怎么称呼都行，如张阿姨；不必写全名。"))
    birth_year = models.PositiveSmallIntegerField(
        _("出生年份"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1900), MaxValueValidator(2100)],
        help_text=_("只写年份，用来看是不是未成年人、能不能享受老年优惠。"),
    )
    phone = EncryptedCharField(_("手机号"), blank=True, editable=False)
    phone_digest = models.CharField(max_length=64, blank=True, editable=False)
    joined_at = models.DateTimeField(_("登记时间"), auto_now_add=True)
    confirmed_at = models.DateTimeField(_("确认居住时间"), null=True, editable=False)
    active_on = models.DateField(_("最近办理"), default=timezone.localdate, editable=False)
    erased_at = models.DateTimeField(_("注销时间"), null=True, editable=False)

    objects = ResidentQuerySet.as_manager()

    class Meta:
        verbose_name = _("居民")
        verbose_name_plural = pgettext_lazy("复数", "居民")
        ordering = ["community", "pk"]
        indexes = [
            models.Index(fields=["community"], name="resident_community"),
            models.Index(fields=["phone_digest"], condition=~Q(phone_digest=""), name="resident_phone"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(erased_at=None)
                | Q(account=None, household=None, called="", birth_year=None, phone="", phone_digest=""),
                name="resident_erased_names_nobody",
                violation_error_message=_("注销后不能再有个人信息。"),
            ),
            models.CheckConstraint(
                condition=Q(phone="", phone_digest="") | ~Q(phone="") & ~Q(phone_digest=""),
                name="resident_phone_can_be_found",
                violation_error_message=_("手机号和它的查找码要一起存。"),
            ),
        ]

    def __str__(self) -> str:
        """A number, no name: this is what audit entries and the admin's log keep."""
        return str(_("居民 %d") % self.pk) if self.pk else ""

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone)

    @property
    def is_child(self) -> bool:
        """Under fourteen; only the year is known, so the whole year of the birthday counts as under."""
        return self.birth_year is not None and timezone.localdate().year - self.birth_year <= CHILD_UNTIL

    def set_phone(self, text: str) -> None:
        """Take a number in any way of writing; nothing takes it away."""
        self.phone = normal_phone(text) if text.strip() else ""
        self.phone_digest = lookup(self.phone) if self.phone else ""


class TieKind(models.TextChoices):
    GUARDIAN = "guardian", _("监护人")
    HELPER = "helper", _("代办人")


class FamilyTieQuerySet(PeopleQuerySet):
    region_path = "member__community__region__code"


class FamilyTie(models.Model):
    """One resident acts for another: as guardian, or as one who helps."""

    actor = models.ForeignKey(Resident, models.PROTECT, verbose_name=_("办事的人"), related_name="acts_for")
    member = models.ForeignKey(Resident, models.PROTECT, verbose_name=_("家人"), related_name="acted_for_by")
    kind = models.CharField(_("关系"), max_length=8, choices=TieKind)
    since = models.DateField(_("自"), default=timezone.localdate, editable=False)

    objects = FamilyTieQuerySet.as_manager()

    class Meta:
        verbose_name = _("代办关系")
        verbose_name_plural = pgettext_lazy("复数", "代办关系")
        constraints = [
            models.UniqueConstraint(
                fields=["actor", "member"],
                name="familytie_once",
                violation_error_message=_("已经有这个代办关系。"),
            ),
            models.CheckConstraint(
                condition=~Q(actor=F("member")),
                name="familytie_of_two",
                violation_error_message=_("不用给自己办理代办。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.actor_id} → {self.member_id}"
