"""Numbers are unique in the whole portal: what is said of a taken one does not tell whose it is."""

import pytest
from django.urls import reverse

from portal.access import Role
from tests.factories import (
    AgreementFactory,
    CommunityFactory,
    FacilityFactory,
    ReceiptFactory,
    TopUpFactory,
    staff,
)

pytestmark = pytest.mark.django_db


def said(client, page, form):
    """What the form says of its number."""
    answer = client.post(reverse(f"admin:{page}_add"), form)
    errors = answer.context["adminform"].form.errors
    return [str(one) for one in (*errors.get("ref", ()), *errors.get("__all__", ()))]


@pytest.mark.parametrize(
    ("page", "factory", "where"),
    [
        ("facilities_facility", FacilityFactory, "community"),
        ("services_agreement", AgreementFactory, "facility__community"),
        ("billing_topup", TopUpFactory, "community"),
        ("billing_receipt", ReceiptFactory, "community"),
    ],
)
def test_number_taken_elsewhere_is_refused_in_the_words_of_one_taken_here(client, page, factory, where):
    here = CommunityFactory()
    own, foreign = factory(**{where: here}), factory()
    client.force_login(staff(Role.ACCOUNTANT if "billing" in page else Role.CLERK, here))
    filled = {name: getattr(own, f"{name}_id", None) for name in ("community", "facility", "provider")}
    filled |= {
        name: str(getattr(own, name, "")) for name in ("name", "fund", "date", "amount", "source", "space")
    }
    filled = {name: value for name, value in filled.items() if value}

    of_own, of_foreign = (said(client, page, filled | {"ref": one.ref}) for one in (own, foreign))

    assert of_foreign
    assert of_own == of_foreign
    assert foreign.community.name not in "".join(of_foreign)
