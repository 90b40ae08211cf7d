"""The look holds: contrast, one sprite, no inline style or script, amounts and dates as people read them."""

import datetime as dt
import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.test import Client
from django.utils import translation

from portal import charts, icons
from portal.months import Month
from portal.templatetags import looks

BASE = Path(__file__).resolve().parent.parent
STATIC = BASE / "portal/static/portal"
TEXTS = ("ink", "muted", "pomegranate", "locust", "wall", "amber", "sky")
TINTED = ("pomegranate", "locust", "wall", "amber", "sky")
HINTED = re.compile(
    r"<style|\sstyle=|<script(?![^>]*\s(?:src=|type=.application/json))|\son[a-z]+=|javascript:",
    re.IGNORECASE,
)
PAGES = ("/styleguide/", "/styleguide/?elder=1&theme=dark", "/accounts/login/?next=/styleguide/", "/nowhere/")


def tokens(*names: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in names:
        found |= re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", (STATIC / name).read_text("utf-8"))
    return found


def luminance(colour: str) -> Decimal:
    def linear(channel: str) -> Decimal:
        value = Decimal(int(channel, 16)) / 255
        if value <= Decimal("0.04045"):
            return value / Decimal("12.92")
        return ((value + Decimal("0.055")) / Decimal("1.055")) ** Decimal("2.4")

    red, green, blue = (linear(colour[at : at + 2]) for at in (1, 3, 5))
    return Decimal("0.2126") * red + Decimal("0.7152") * green + Decimal("0.0722") * blue


def contrast(one: str, other: str) -> Decimal:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + Decimal("0.05")) / (dark + Decimal("0.05"))


@pytest.fixture(params=[("tokens.css",), ("tokens.css", "dark.css")], ids=["light", "dark"])
def colours(request: pytest.FixtureRequest) -> dict[str, str]:
    return tokens(*request.param)


@pytest.fixture(autouse=True)
def _chinese() -> None:
    translation.activate("zh-hans")


def test_text_can_be_read_on_paper_and_on_cards(colours: dict[str, str]) -> None:
    for text in TEXTS:
        for ground in ("paper", "card"):
            assert contrast(colours[text], colours[ground]) >= Decimal("4.5"), (text, ground)


def test_tinted_words_can_be_read_on_their_tint(colours: dict[str, str]) -> None:
    for tone in TINTED:
        assert contrast(colours[tone], colours[f"{tone}-soft"]) >= Decimal("4.5"), tone
        assert contrast(colours["ink"], colours[f"{tone}-soft"]) >= Decimal("4.5"), tone
    assert contrast(colours["muted"], colours["wall-soft"]) >= Decimal("4.5")


def test_the_main_button_can_be_read_and_edges_can_be_seen(colours: dict[str, str]) -> None:
    for ground in ("pomegranate", "pomegranate-deep"):
        assert contrast(colours["on-pomegranate"], colours[ground]) >= Decimal("4.5")
    for ground in ("paper", "card"):
        assert contrast(colours["edge"], colours[ground]) >= Decimal(3)


def test_dark_changes_every_colour_and_adds_none() -> None:
    assert tokens("dark.css").keys() == tokens("tokens.css").keys()


def test_colours_are_named_in_the_tokens_alone() -> None:
    for name in ("liren.css", "components.css", "elder.css"):
        assert re.findall(r"#[0-9a-f]{3,8}\b|rgb\(", (STATIC / name).read_text("utf-8")) == [], name


@pytest.mark.django_db
@pytest.mark.parametrize("address", PAGES)
def test_pages_carry_no_inline_style_and_no_inline_script(client: Client, address: str) -> None:
    page = client.get(address).content.decode()

    assert "<main" in page
    assert HINTED.findall(page) == []


@pytest.mark.parametrize("name", ["400", "403_csrf", "500"])
def test_the_last_pages_need_no_request(name: str) -> None:
    page = Template(f'{{% include "{name}.html" %}}').render(Context())

    assert "<h1>" in page
    assert HINTED.findall(page) == []


@pytest.mark.django_db
def test_elder_mode_and_dark_are_remembered_and_lead_back(client: Client) -> None:
    response = client.post("/preferences/", {"elder": "1", "theme": "dark", "next": "/styleguide/"})

    assert response.url == "/styleguide/"
    page = client.get("/styleguide/").content.decode()
    assert "elder.css" in page
    assert 'media="screen"' in page


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["//elsewhere.example/", "https://elsewhere.example/", "javascript:0"])
def test_preferences_never_lead_elsewhere(client: Client, address: str) -> None:
    assert client.post("/preferences/", {"next": address}).url == "/"


@pytest.mark.django_db
def test_unknown_preferences_are_not_kept(client: Client) -> None:
    response = client.post("/preferences/", {"theme": "pink", "elder": "yes"})

    assert not response.cookies


@pytest.mark.django_db
def test_the_icon_is_where_browsers_ask_for_it(client: Client) -> None:
    response = client.get("/favicon.ico")

    assert response.url.startswith("/static/portal/mark")


def test_a_demo_says_so_on_every_page(client: Client, settings) -> None:
    settings.DEMO = True

    assert "演示数据，金额为虚构" in client.get("/styleguide/").content.decode()


@pytest.mark.skipif(not icons.OUTLINES.is_dir(), reason="front-end packages are not installed: make setup")
def test_every_listed_icon_is_in_the_package() -> None:
    assert icons.missing() == []
    assert icons.symbol("home").startswith('<symbol id="home" viewBox="0 0 24 24"><path')


def test_templates_use_listed_icons_alone() -> None:
    used = set()
    for template in (BASE / "templates").rglob("*.html"):
        text = template.read_text("utf-8")
        used |= set(re.findall(r'\{% icon "([^"]+)"', text))
        used |= set(re.findall(r'icon_name="([^"]+)"', text))
    used |= {picture for _tone, picture, _word in looks.STATES.values()}

    assert used <= set(icons.ICONS)


def test_an_unlisted_icon_is_refused() -> None:
    with pytest.raises(TemplateSyntaxError):
        looks.icon("unicorn")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1729.33"), "1,729.33"),
        (Decimal("-1613.985"), "\u22121,613.99"),
        ("0", "0.00"),
        (Decimal("-0.001"), "0.00"),
        (None, "—"),
        ("", "—"),
        (Fraction(1, 3), "0.33"),
    ],
)
def test_money_has_separators_two_decimals_and_a_real_minus(value: object, text: str) -> None:
    assert looks.money(value) == text


def test_other_figures_read_as_people_write_them() -> None:
    assert looks.fen(-172933) == "\u22121,729.33"
    assert looks.signed_money(Decimal("12.3")) == "+12.30"
    assert looks.signed_money(0) == "0.00"
    assert looks.quantity(Decimal("1204.500"), "度") == "1,204.5 度"
    assert looks.percent(Fraction(1, 2)) == "50\u00a0%"
    assert looks.distance(347) == "直线约 350 米"
    assert looks.distance(2380) == "直线约 2.4 公里"


def test_dates_name_the_weekday_and_months_the_year() -> None:
    assert looks.day(dt.date(2026, 11, 23)) == "11月23日 周一"
    assert looks.full_day(dt.date(2026, 11, 23)) == "2026年11月23日 周一"
    assert looks.weekday(dt.date(2026, 11, 23)) == "周一"
    assert looks.month(Month(2026, 10)) == looks.month("2026-10") == "2026年10月"
    assert looks.clock(dt.time(14, 30)) == "14:30"


def test_moments_are_told_in_the_time_of_china() -> None:
    late = dt.datetime(2026, 10, 31, 16, 30, tzinfo=dt.UTC)
    page = Template("{% load looks %}{{ at|clock }} {{ at|day }} {{ at|full_day }} {{ at|month }}")

    assert page.render(Context({"at": late})) == "00:30 11月1日 周日 2026年11月1日 周日 2026年11月"


def test_bars_grow_from_zero_up_and_down() -> None:
    drawn = charts.signed_bars(charts.points_of([("2026-09", Decimal(50)), ("2026-10", Decimal(-100))]))

    gain, loss = drawn.bars
    assert gain.y + gain.height == drawn.zero == loss.y
    assert loss.height > gain.height
    assert (loss.negative, loss.latest) == (True, True)


def test_a_month_without_figures_leaves_a_gap() -> None:
    points = charts.points_of([("2026-08", 1), ("2026-09", None), ("2026-10", 3)])

    assert charts.line_path(points).count("M") == 2
    assert len(charts.signed_bars(points).bars) == 2
    assert charts.line_path([]) == ""


def test_coverage_says_in_words_what_the_bar_shows() -> None:
    page = Template("{% load looks %}{% coverage share %}").render(Context({"share": Fraction(1, 2)}))

    assert "收到的盖住水电的 50 %" in page
    assert 'value="50"' in page
