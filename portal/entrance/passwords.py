"""How long a password is at least."""

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import gettext as _


class LongEnough(MinimumLengthValidator):
    """Django's own, whose words its Chinese catalogue does not have."""

    def get_error_message(self) -> str:
        return _("密码太短了，至少要 %(number)d 个字符。") % {"number": self.min_length}

    def get_help_text(self) -> str:
        return _("至少 %(number)d 个字符。") % {"number": self.min_length}
