"""Who works with people."""

from typing import Any, Self

from portal.access import Role, ScopedQuerySet

# Accountants, inspectors and officials have figures, not persons.
PEOPLE_ROLES = (Role.CLERK, Role.APPROVER, Role.REGION_ADMIN)
LOOK_UP_ROLES = (Role.CLERK, Role.REGION_ADMIN)


class PeopleQuerySet(ScopedQuerySet):
    """Rows about people: for those who work with people here, in no other staff role."""

    def visible_to(self, user: Any, *roles: str) -> Self:
        return super().visible_to(user, *(roles or PEOPLE_ROLES))
