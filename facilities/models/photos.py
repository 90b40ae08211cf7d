import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from facilities.models.columns import community_of
from facilities.models.projects import OPEN_STATES
from facilities.models.sites import person_key
from portal.access import STAFF_ROLES, ScopedQuerySet
from portal.history import tracked

SUBJECTS = ("site", "facility", "space", "milestone")


class PhotoQuerySet(ScopedQuerySet):
    def open_to(self, user: object) -> "PhotoQuerySet":
        """Those of the reader's regions, and for everybody what everybody may enter or read about."""
        public = self.filter(
            Q(milestone__phase__project__state__in=OPEN_STATES)
            | Q(facility__isnull=False)
            | Q(space__is_public=True)
        )
        if not getattr(user, "is_authenticated", False):
            return public
        return public | self.visible_to(user, *STAFF_ROLES)


def _of_one_thing() -> Q:
    """Exactly one of the subjects is named."""
    found = Q()
    for name in SUBJECTS:
        found |= Q(**{f"{other}__isnull": other != name for other in SUBJECTS})
    return found


def _subject(model: str, label: object) -> models.ForeignKey:
    return models.ForeignKey(
        model,
        models.PROTECT,
        verbose_name=label,  # type: ignore[arg-type]
        null=True,
        blank=True,
        editable=False,
        related_name="photos",
    )


@tracked(exclude=["key", "width", "height"])
class Photo(models.Model):
    """A picture of one place or milestone; its files are made anew from what was uploaded."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    community = community_of("+", editable=False)
    site = _subject("facilities.Site", _("场地"))
    facility = _subject("facilities.Facility", _("设施"))
    space = _subject("facilities.Space", _("空间"))
    milestone = _subject("facilities.Milestone", _("项目节点"))
    caption = models.CharField(_("说明"), max_length=120, help_text=_("看不见图的人靠它知道拍的是什么。"))
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    uploaded_by = person_key(_("上传人"), null=True, editable=False)
    uploaded_at = models.DateTimeField(_("上传时间"), db_default=Now())

    objects = PhotoQuerySet.as_manager()

    class Meta:
        verbose_name = _("照片")
        verbose_name_plural = pgettext_lazy("复数", "照片")
        ordering = ["pk"]
        indexes = [models.Index(fields=["community"], name="photo_community")]
        constraints = [
            models.CheckConstraint(
                condition=_of_one_thing(),
                name="photo_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return self.caption

    def path(self, size: str) -> str:
        """Where the file of a size is kept, below the media folder."""
        return f"photos/{self.key.hex[:2]}/{self.key.hex}-{size}.jpg"

    @property
    def small_url(self) -> str:
        return reverse("photo", args=[self.key, "small"])

    @property
    def large_url(self) -> str:
        return reverse("photo", args=[self.key, "large"])
