"""Signing in; in a demo the page offers its accounts."""

from typing import Any

from django.conf import settings
from django.contrib.auth.views import LoginView

from portal.demo.people import PASSWORD, PEOPLE
from portal.demo.told import role_of


class SignIn(LoginView):
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        accounts = demo_accounts() if settings.DEMO else []
        return super().get_context_data(demo_accounts=accounts, **kwargs)


def demo_accounts() -> list[tuple[str, str, str, str]]:
    """Name, role, username and password of each demo account."""
    return [(person.name, role_of(person), person.username, PASSWORD) for person in PEOPLE]
