"""Rooms and what they are made of: every bookable space resolves to a set of leaf spaces."""

from collections.abc import Iterable, Mapping
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from facilities.models.columns import category_of, community_of, facility_of
from portal.access import STAFF_ROLES, ScopedQuerySet
from portal.history import tracked


def floor_name(floor: int) -> str:
    """What people call a floor; a basement is counted down."""
    return gettext("地下 %d 层") % -floor if floor < 0 else gettext("%d 层") % floor


class ZoneQuerySet(ScopedQuerySet):
    region_path = "facility__community__region__code"


@tracked()
class Zone(models.Model):
    """A part of one floor with a character of its own: 静态区, 动态区, 共享业态区 or any other name."""

    facility = facility_of("zones")
    floor = models.SmallIntegerField(_("楼层"), help_text=_("地下为负数。"))
    name = models.CharField(
        _("分区名称"), max_length=40, help_text=_("如静态区、动态区、共享业态区，也可以自己起名。")
    )

    objects = ZoneQuerySet.as_manager()

    class Meta:
        verbose_name = _("楼层分区")
        verbose_name_plural = pgettext_lazy("复数", "楼层分区")
        ordering = ["facility", "floor", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["facility", "floor", "name"],
                name="zone_name_once",
                violation_error_message=_("这一层已有同名分区。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{floor_name(self.floor)} {self.name}"


class SpaceQuerySet(ScopedQuerySet):
    def open_to(self, user: Any) -> Self:
        """Rooms this user may find: staff those of their regions, everybody else those open to residents."""
        if user.is_active and not user.has_role(*STAFF_ROLES):
            return self.filter(is_public=True).bookable()
        return self.visible_to(user)

    def bookable(self) -> Self:
        """Rooms that have a booking rule; without one nobody can book."""
        return self.filter(rule__isnull=False)


@tracked()
class Space(models.Model):
    """A room, a part of a room or a thing that rooms share; half halls are contained in the whole hall."""

    facility = facility_of("spaces")
    community = community_of("spaces", editable=False)
    zone = models.ForeignKey(
        Zone, models.PROTECT, verbose_name=_("分区"), null=True, blank=True, related_name="spaces"
    )
    name = models.CharField(_("空间名称"), max_length=60)
    floor = models.SmallIntegerField(_("楼层"), default=1, help_text=_("地下为负数。"))
    category = category_of()
    uses = models.CharField(
        _("用途"), max_length=160, blank=True, help_text=_("如会议、瑜伽、绘画，用顿号隔开。")
    )
    equipment = models.CharField(_("设备"), max_length=160, blank=True)
    area_m2 = models.DecimalField(
        _("面积（㎡）"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    capacity = models.PositiveSmallIntegerField(_("可容纳人数"), default=1, validators=[MinValueValidator(1)])
    is_accessible = models.BooleanField(_("无障碍入口"), default=False)
    is_public = models.BooleanField(
        _("居民可预约"), default=True, help_text=_("不勾选时只有工作人员可以预约。")
    )
    has_feed = models.BooleanField(_("日历订阅"), default=True, editable=False)
    feed_number = models.PositiveIntegerField(_("第几个订阅地址"), default=1, editable=False)

    objects = SpaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("空间")
        verbose_name_plural = pgettext_lazy("复数", "空间")
        ordering = ["facility", "floor", "name"]
        indexes = [models.Index(fields=["community"], name="space_community")]
        constraints = [
            models.UniqueConstraint(
                fields=["facility", "name"],
                name="space_name_once",
                violation_error_message=_("这个设施已有同名空间。"),
            ),
            models.CheckConstraint(
                condition=Q(area_m2__gte=0) | Q(area_m2=None),
                name="space_area_not_negative",
                violation_error_message=_("面积不能为负。"),
            ),
            models.CheckConstraint(
                condition=Q(capacity__gte=1),
                name="space_holds_somebody",
                violation_error_message=_("至少容纳 1 人。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def floor_name(self) -> str:
        return floor_name(self.floor)

    def clean(self) -> None:
        if self.zone and (self.zone.facility_id != self.facility_id or self.zone.floor != self.floor):
            raise ValidationError({"zone": _("分区要在同一设施的同一层。")})


class SpaceLinkQuerySet(ScopedQuerySet):
    region_path = "whole__community__region__code"

    def of_facilities(self, facilities: Iterable[int]) -> Self:
        return self.filter(whole__facility__in=facilities)


@tracked()
class SpaceLink(models.Model):
    """One space contains another (half hall in the whole hall) or always takes it along (shared projector)."""

    class Kind(models.TextChoices):
        CONTAINS = "contains", _("包含")
        SHARES = "shares", _("共用")

    whole = models.ForeignKey(Space, models.PROTECT, verbose_name=_("空间"), related_name="links")
    part = models.ForeignKey(
        Space, models.PROTECT, verbose_name=_("包含或共用的空间"), related_name="part_links"
    )
    kind = models.CharField(_("关系"), max_length=8, choices=Kind, default=Kind.CONTAINS)

    objects = SpaceLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("空间的组成")
        verbose_name_plural = pgettext_lazy("复数", "空间的组成")
        ordering = ["whole", "part"]
        constraints = [
            models.UniqueConstraint(
                fields=["whole", "part"],
                name="spacelink_once",
                violation_error_message=_("这两个空间的关系已经登记过。"),
            ),
            models.CheckConstraint(
                condition=~Q(whole=F("part")),
                name="spacelink_not_itself",
                violation_error_message=_("空间不能包含自己。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.whole} – {self.part}"

    def clean(self) -> None:
        if not self.whole_id or not self.part_id:
            return
        if self.whole.facility_id != self.part.facility_id:
            raise ValidationError({"part": _("只能选同一设施里的空间。")})
        others = SpaceLink.objects.of_facilities([self.whole.facility_id]).exclude(pk=self.pk)
        tree = Leaves((link.whole_id, link.part_id, link.kind) for link in others)
        if self.whole_id in tree.below(self.part_id):
            raise ValidationError({"part": _("这样两个空间会互相包含。")})


class Leaves:
    """Which leaf spaces a space takes: itself unless it contains others, and what it shares."""

    def __init__(self, links: Iterable[tuple[int, int, str]]) -> None:
        self._parts: dict[int, list[tuple[int, str]]] = {}
        self._shared: set[int] = set()
        for whole, part, kind in links:
            if kind == SpaceLink.Kind.SHARES:
                self._shared.add(part)
            self._parts.setdefault(whole, []).append((part, kind))

    @classmethod
    def of_facilities(cls, facilities: Iterable[int]) -> Self:
        """The composition of every space in these facilities, in one query."""
        links = SpaceLink.objects.of_facilities(facilities)
        return cls(links.values_list("whole_id", "part_id", "kind"))

    def below(self, space: int) -> set[int]:
        """The space and everything it contains or shares, at any depth."""
        found, waiting = set(), [space]
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting += [part for part, _kind in self._parts.get(one, ())]
        return found

    def of(self, space: int) -> list[int]:
        """Keys of the leaf spaces, in the order in which they are locked."""
        if space not in self._parts:
            return [space]
        return sorted(one for one in self.below(space) if not self.is_made_of_parts(one))

    def is_made_of_parts(self, space: int) -> bool:
        return any(kind == SpaceLink.Kind.CONTAINS for _part, kind in self._parts.get(space, ()))

    def is_shared(self, space: int) -> bool:
        """Whether other spaces take it along: it is no room of its own."""
        return space in self._shared

    def on_same_ground(self, space: int) -> set[int]:
        """The space, what it lies in and what lies in it; not those that only share a thing with it."""
        ground = {leaf for leaf in self.of(space) if not self.is_shared(leaf)}
        known = {*self._parts, *(part for parts in self._parts.values() for part, _kind in parts)}
        return {space} | {one for one in known if not ground.isdisjoint(self.of(one))}

    def by_leaf(self, spaces: Iterable[int]) -> Mapping[int, set[int]]:
        """The spaces that take each leaf."""
        found: dict[int, set[int]] = {}
        for space in spaces:
            for leaf in self.of(space):
                found.setdefault(leaf, set()).add(space)
        return found

    def touching(self, spaces: Iterable[int]) -> dict[int, set[int]]:
        """For each space the others that share a part with it; most share none and are left out."""
        known = {*self._parts, *(part for parts in self._parts.values() for part, _kind in parts)}
        by_leaf = self.by_leaf(known)
        found = {space: set().union(*(by_leaf.get(leaf, ()) for leaf in self.of(space))) for space in spaces}
        return {space: others - {space} for space, others in found.items() if others - {space}}
