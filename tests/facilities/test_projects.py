"""A plan has its seven parts and three people; only then is it public and takes money."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from facilities import projects
from facilities.models import Project
from facilities.models.projects import PARTS
from portal.access import Role
from tests.factories import (
    MilestoneFactory,
    PhaseFactory,
    ProjectFactory,
    RegionFactory,
    UserFactory,
    staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan():
    """A plan with one phase, written by a clerk."""
    project = ProjectFactory(entered_by=UserFactory())
    PhaseFactory(project=project)
    return project


def street(project):
    return staff(Role.APPROVER, RegionFactory(code=project.community_id[:9] + "000"))


def district(project):
    return staff(Role.APPROVER, RegionFactory(code=project.community_id[:6] + "000000"))


def approved(project):
    projects.submit(project, by=project.entered_by)
    projects.approve_for_street(project, by=street(project))
    projects.approve_for_district(project, by=district(project))


def test_a_plan_has_exactly_the_seven_parts():
    labels = [label for label, _text in ProjectFactory().parts]

    assert labels == [
        "建设主体",
        "服务运营主体",
        "服务项目",
        "普惠收费标准",
        "合作运营模式",
        "监督管理",
        "各方职责",
    ]


@pytest.mark.parametrize("part", PARTS)
def test_a_plan_without_one_of_its_parts_is_not_handed_in(plan, part):
    Project.objects.filter(pk=plan.pk).update(**{part: " "})

    with pytest.raises(projects.ProjectRefused, match="七项写齐"):
        projects.submit(plan, by=plan.entered_by)


def test_a_plan_without_a_phase_is_not_handed_in():
    with pytest.raises(projects.ProjectRefused, match="至少一期"):
        projects.submit(ProjectFactory(), by=UserFactory())


def test_street_and_district_approve_one_after_the_other(plan):
    with pytest.raises(projects.ProjectRefused, match="现在是"):
        projects.approve_for_district(plan, by=district(plan))

    approved(plan)

    assert plan.state == "approved"
    assert plan.street_by != plan.district_by
    assert Project.objects.published().get() == plan


def test_nobody_approves_what_they_wrote(plan):
    author = street(plan)
    Project.objects.filter(pk=plan.pk).update(entered_by=author)
    projects.submit(plan, by=author)

    with pytest.raises(projects.ProjectRefused, match="自己录入"):
        projects.approve_for_street(plan, by=author)


def test_who_wrote_a_part_earlier_does_not_approve_either(client):
    """The admin remembers every author, not only the last."""
    project = ProjectFactory()
    PhaseFactory(project=project)
    both = UserFactory(roles=[(Role.CLERK, project.community), (Role.APPROVER, project.community)])
    client.force_login(both)
    client.post(reverse("role"), {"role": Role.CLERK})
    form = {part: "改过" for part in PARTS} | {"name": project.name, "build_mode": "whole"}
    form |= {"phases-TOTAL_FORMS": "0", "phases-INITIAL_FORMS": "0"}
    client.post(reverse("admin:facilities_project_change", args=[project.pk]), form)
    project.refresh_from_db()
    assert project.builder == "改过"
    Project.objects.filter(pk=project.pk).update(entered_by=UserFactory())
    projects.submit(project, by=UserFactory())

    with pytest.raises(projects.ProjectRefused, match="自己录入"):
        projects.approve_for_street(project, by=both)


def test_the_district_approves_from_the_district_and_as_a_third_person(plan):
    projects.submit(plan, by=plan.entered_by)
    first = district(plan)
    projects.approve_for_street(plan, by=first)

    with pytest.raises(projects.ProjectRefused, match="区县"):
        projects.approve_for_district(plan, by=street(plan))
    with pytest.raises(projects.ProjectRefused, match="同一个人"):
        projects.approve_for_district(plan, by=first)


def test_an_approver_of_another_place_approves_nothing(plan):
    projects.submit(plan, by=plan.entered_by)

    with pytest.raises(projects.ProjectRefused, match="本地区"):
        projects.approve_for_street(plan, by=staff(Role.APPROVER, RegionFactory(code="610111000000")))


def test_a_plan_sent_back_begins_anew_with_the_reason(plan):
    projects.submit(plan, by=plan.entered_by)
    projects.approve_for_street(plan, by=street(plan))

    projects.send_back(plan, "收费标准写得不清楚", by=district(plan))

    assert (plan.state, plan.returned_for, plan.street_by) == ("draft", "收费标准写得不清楚", None)
    with pytest.raises(projects.ProjectRefused, match="待审批"):
        projects.send_back(plan, "再退", by=district(plan))


def test_a_project_is_finished_when_every_milestone_is(plan):
    milestone = MilestoneFactory(phase=plan.phases.get())
    approved(plan)
    with pytest.raises(projects.ProjectRefused, match="节点"):
        projects.finish(plan, by=plan.entered_by)

    milestone.done_on = "2026-11-01"
    milestone.save()
    projects.finish(plan, by=plan.entered_by)

    assert plan.state == "finished"


def test_the_database_holds_the_three_people_too(plan):
    approved(plan)

    with pytest.raises(IntegrityError), transaction.atomic():
        Project.objects.filter(pk=plan.pk).update(district_by=plan.street_by)
    with pytest.raises(IntegrityError), transaction.atomic():
        Project.objects.filter(pk=plan.pk).update(street_by=plan.entered_by)


def test_a_plan_handed_in_cannot_be_edited(client, plan):
    projects.submit(plan, by=plan.entered_by)
    client.force_login(staff(Role.CLERK, plan.community))
    address = reverse("admin:facilities_project_change", args=[plan.pk])

    assert client.post(address, {"name": "改名"}).status_code == 403
    assert "不能直接改" in client.get(address).content.decode()


def test_everybody_reads_an_approved_plan_and_nobody_elsewhere_a_draft(client, plan):
    address = reverse("project", args=[plan.pk])
    assert client.get(address).status_code == 404
    client.force_login(staff(Role.CLERK))
    assert client.get(address).status_code == 404
    client.force_login(staff(Role.CLERK, plan.community))
    assert client.get(address).status_code == 200

    approved(plan)
    client.logout()

    assert plan.name in client.get(address).content.decode()
    community = client.get(reverse("community", args=[plan.community_id])).content.decode()
    assert address in community


def test_each_act_has_its_page_for_whoever_may_do_it(client, plan):
    client.force_login(staff(Role.CLERK, plan.community))
    submit = reverse("admin:facilities_project_do", args=[plan.pk, "submit"])

    assert client.get(submit).status_code == 200
    assert client.post(submit).status_code == 302
    assert client.post(submit).status_code == 409
    plan.refresh_from_db()
    assert plan.state == "submitted"
    assert client.get(reverse("admin:facilities_project_do", args=[plan.pk, "street"])).status_code == 403
    assert client.get(reverse("admin:facilities_project_do", args=[plan.pk, "nothing"])).status_code == 404


def test_a_plan_that_waits_stands_on_the_opening_page_of_its_next_approver(client, plan):
    first, second, author = street(plan), district(plan), plan.entered_by
    projects.submit(plan, by=author)

    def sees(user):
        client.force_login(user)
        return plan.name in client.get(reverse("admin:index")).content.decode()

    assert sees(first)
    projects.approve_for_street(plan, by=first)
    assert not sees(first)
    assert sees(second)
    projects.approve_for_district(plan, by=second)
    assert not sees(second)
