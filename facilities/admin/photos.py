"""Photos on the page of what they show: seen, added with a caption, taken away."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from facilities import photos
from facilities.models import Photo
from portal.access import Role
from portal.admin_base import INPUT_ROLES, ScopedTabularInline
from portal.errors import Refused


class PhotoForm(forms.ModelForm):
    """A caption and, for a new photo, its file; what cannot be kept is said at the field."""

    upload = forms.FileField(
        label=_("照片文件"),
        required=False,
        help_text=_("JPG、PNG 或 WebP，不超过 12 MB。拍摄地点等信息不会保留。"),
        widget=forms.FileInput({"accept": "image/jpeg,image/png,image/webp"}),
    )

    class Meta:
        model = Photo
        fields = ["caption"]

    def clean(self) -> Any:
        cleaned = super().clean()
        upload = self.cleaned_data.get("upload")
        if not self.instance.pk and not upload and not self.errors:
            self.add_error("upload", _("请选一张照片。"))
        if upload:
            try:
                self.made = photos.encoded(upload)
            except Refused as refused:
                self.add_error("upload", str(refused))
        return cleaned


class PhotoInline(ScopedTabularInline):
    model = Photo
    form = PhotoForm
    hide_title = True
    write_roles: Sequence[Role] = INPUT_ROLES
    fields = ["picture", "upload", "caption"]
    readonly_fields = ["picture"]

    @admin.display(description=_("照片"))
    def picture(self, photo: Photo) -> str:
        if photo._state.adding:
            return "—"
        return format_html(
            "<a href='{}'><img src='{}' alt='{}' width='160' loading='lazy'></a>",
            photo.large_url,
            photo.small_url,
            photo.caption,
        )


class WithPhotos:
    """A page whose photos are kept, renamed and removed by their operations."""

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        if formset.model is not Photo:
            super().save_formset(request, form, formset, change)  # type: ignore[misc]
            return
        save_photos(formset, form.instance, by=request.user)


def save_photos(formset: Any, subject: Model, *, by: Any) -> None:
    """Do what a page of photos asks for, each by its operation."""
    formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
    for form in formset.forms:
        is_gone = form in formset.deleted_forms
        if form.instance.pk and is_gone:
            photos.remove(form.instance, by=by)
            formset.deleted_objects.append(form.instance)
        elif form.instance.pk and form.has_changed():
            photos.rename(form.instance, form.cleaned_data["caption"], by=by)
            formset.changed_objects.append((form.instance, form.changed_data))
        elif form.has_changed() and not is_gone:
            caption = form.cleaned_data["caption"]
            photo = photos.keep(subject, form.made, caption, by=by)  # type: ignore[arg-type]
            formset.new_objects.append(photo)
