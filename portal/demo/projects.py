"""Put the plans of the three centres into the portal, by the same operations as everybody uses."""

import datetime as dt
from io import BytesIO
from random import Random
from typing import Any

from django.db import transaction
from django.utils import timezone
from PIL import Image, ImageDraw

from facilities import funding, photos, projects, sites
from facilities.models import Facility, Milestone, Phase, Project, Site
from facilities.models.projects import PARTS
from portal.demo.plans import PLANS, SITES, Place, Plan, Stage, Step
from portal.models import User

PAPER, WALL = "#fbf8f3", "#4a5a6a"
ROOMS = ("#e7efe9", "#f5e6e4", "#e6eef5", "#f4ecd9", "#ece8e1")


def are_there() -> bool:
    names = {plan.name for plan in PLANS}
    return Project.objects.published().filter(name__in=names).count() == len(names)


@transaction.atomic
def make() -> None:
    """Sites with their talks, plans with approvals, money and milestones; what is there already stays."""
    people = {user.username: user for user in User.objects.filter(is_staff=True)[:100]}
    for place in SITES:
        if not Site.objects.filter(community=place.community, name=place.name).exists():
            _make_site(place, people["region-admin"])
    for plan in PLANS:
        if not Project.objects.filter(community=plan.community, name=plan.name).exists():
            _make_project(plan, people)


def _make_site(place: Place, by: Any) -> None:
    facility = Facility.objects.filter(ref=place.facility).first()
    site = Site.objects.create(
        community_id=place.community,
        name=place.name,
        owner=place.owner,
        title=place.title,
        area_m2=place.area_m2,
        acquisition=place.acquisition,
        build_mode=place.build_mode,
        facility=facility,
        address=facility.address if facility else "",
        longitude=facility.longitude if facility else None,
        latitude=facility.latitude if facility else None,
        datum=facility.datum if facility else "",
    )
    for text, state in place.talks:
        sites.note(site, text, by=by, state=state)


def _make_project(plan: Plan, people: dict[str, Any]) -> None:
    clerk, accountant = people[plan.clerk], people["accountant"]
    project = Project.objects.create(
        community_id=plan.community,
        name=plan.name,
        facility=Facility.objects.get(ref=plan.facility),
        site=Site.objects.filter(facility__ref=plan.facility).first(),
        is_pilot=True,
        entered_by=clerk,
        **dict(zip(PARTS, plan.parts, strict=True)),
    )
    phases = [_make_phase(project, number, stage) for number, stage in enumerate(plan.stages, 1)]
    projects.submit(project, by=clerk)
    projects.approve_for_street(project, by=people[plan.street])
    projects.approve_for_district(project, by=people["approver-district"])
    at = timezone.make_aware(dt.datetime.combine(plan.approved_on, dt.time(10)))
    Project.objects.filter(pk=project.pk).update(street_at=at, district_at=at)
    for phase, stage in zip(phases, plan.stages, strict=True):
        _fund(phase, stage, accountant)
        for step in stage.steps:
            _reach(phase, step, clerk)
    if plan.is_finished:
        projects.finish(project, by=clerk)


def _make_phase(project: Project, number: int, stage: Stage) -> Phase:
    return Phase.objects.create(
        project=project,
        community_id=project.community_id,
        number=number,
        name=stage.name,
        budget=stage.budget,
        area_m2=stage.area_m2,
        starts_on=stage.starts_on,
        ends_on=stage.ends_on,
    )


def _fund(phase: Phase, stage: Stage, by: Any) -> None:
    for pledge in stage.pledges:
        made = funding.pledge(
            phase, pledge.source, pledge.payers, pledge.total, on=pledge.on, minutes=pledge.minutes, by=by
        )
        for row in made:
            funding.receive(row, row.pledged, on=pledge.on, evidence=f"SJ-{row.pk:04d}", by=by)
    for bill in stage.bills:
        funding.spend(phase, funding.Spending(*bill), by=by)


def _reach(phase: Phase, step: Step, by: Any) -> None:
    milestone = Milestone.objects.create(
        phase=phase,
        community_id=phase.community_id,
        name=step.name,
        due_on=step.due_on,
        done_on=step.done_on,
    )
    if step.picture:
        photos.add(milestone, sketch(step.rooms), step.picture, by=by)


def sketch(rooms: int) -> BytesIO:
    """A made-up floor plan: so many rooms along a corridor, each with a door."""
    picture = Image.new("RGB", (1200, 900), PAPER)
    draw = ImageDraw.Draw(picture)
    chance = Random(rooms)  # noqa: S311 - a drawing, no secret
    edges = [0, *sorted(chance.sample(range(3, 18), rooms - 1)), 20]
    for number, (left, right) in enumerate(zip(edges, edges[1:], strict=False)):
        x, y = 100 + left * 50, 100 + right * 50
        draw.rectangle((x, 120, y, 560), fill=ROOMS[number % len(ROOMS)], outline=WALL, width=8)
        middle = (x + y) // 2
        draw.line((middle - 35, 560, middle + 35, 560), fill=PAPER, width=10)
    draw.rectangle((100, 560, 1100, 780), outline=WALL, width=8)
    draw.line((140, 670, 1060, 670), fill=WALL, width=2)
    written = BytesIO()
    picture.save(written, "PNG")
    return written
