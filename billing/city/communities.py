"""What a made-up community has: its facility, agreements, meters and give-back, drawn from its own chance."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from billing.city.arrangements import ALL_METERED, LUMP_SUM, SUBMETER, Arrangement, arrange

CATEGORIES = ("meal", "elder", "infant", "health", "culture", "household", "fitness", "play")
UTILITIES = ("electricity", "water")
LETTERS = {"electricity": "E", "water": "W"}
FAULTS = ("no_reading", "backwards", "over_measured", "loss", "revenue")

# What an agreement uses in a month, in thousandths of a kWh or m³, from … to.
MONTHLY_USE = {"electricity": (80_000, 900_000), "water": (2_000, 40_000)}
# (percent, tiered, fixed, in_kind) with what stands beside them; most give 5 %.
GIVE_BACK = (
    "percent",
    "percent",
    "percent",
    "percent_threshold",
    "percent_floor",
    "percent_cap",
    "percent_welfare",
    "percent_holiday",
    "tiered",
    "tiered",
    "fixed",
    "in_kind",
)


@dataclass(slots=True)
class MadeMeter:
    """A made-up sub-meter; `shows` runs on from month to month, in thousandths."""

    ref: str
    utility: str
    agreement_ref: str
    multiplier: int
    digits: int
    shows: int

    def turn(self, use: int) -> int:
        """Run the meter for one month and return the quantity it measures."""
        steps = use // self.multiplier
        self.shows = (self.shows + steps) % (1000 * 10**self.digits)
        return steps * self.multiplier


@dataclass(slots=True)
class MadeAgreement:
    """A made-up agreement: what it uses and earns in an ordinary month, and what it gives back."""

    ref: str
    provider_ref: str
    number: int
    area: int
    methods: dict[str, str]
    uses: dict[str, int]
    earns: int
    give_back: str

    @property
    def reports_revenue(self) -> bool:
        return self.give_back.startswith("percent") or self.give_back == "tiered"


@dataclass(slots=True)
class MadeCommunity:
    """A community of the real list with a made-up facility."""

    code: str
    name: str
    seed: str
    arrangements: dict[str, Arrangement]
    agreements: list[MadeAgreement]
    fault: str = ""
    meters: list[MadeMeter] = field(default_factory=list)

    @property
    def facility_ref(self) -> str:
        return f"XA-{self.code}"

    def chance(self, *about: str) -> Random:
        """The community's own chance for one purpose: nothing drawn elsewhere changes it."""
        return Random(":".join((self.seed, self.code, *about)))  # noqa: S311 - made-up figures, no secrets

    def meter_of(self, utility: str, agreement_ref: str) -> MadeMeter | None:
        return next(
            (one for one in self.meters if (one.utility, one.agreement_ref) == (utility, agreement_ref)), None
        )


def make_community(code: str, name: str, *, agreements: int, seed: int, with_faults: bool) -> MadeCommunity:
    """Draw one community; the same for the same seed, whatever else is drawn."""
    chance = Random(f"{seed}:{code}")  # noqa: S311 - made-up figures, no secrets
    arrangements = {utility: arrange(utility, chance) for utility in UTILITIES}
    is_odd = chance.randrange(50) == 0  # drawn in any case, so that faults change nothing else
    fault = chance.choice(FAULTS) if is_odd and with_faults else ""
    if fault and fault != "revenue":
        arrangements["electricity"] = ALL_METERED
    made = MadeCommunity(code, name, str(seed), arrangements, [], fault)
    made.agreements = [_agreement(made, number) for number in range(1, agreements + 1)]
    made.meters = list(_meters(made))
    return made


def _agreement(made: MadeCommunity, number: int) -> MadeAgreement:
    chance = made.chance("agreement", str(number))
    return MadeAgreement(
        ref=f"{made.code}-{number}",
        provider_ref=f"P-{made.code}-{number}",
        number=number,
        area=chance.randint(20, 260) * 100,
        methods={
            utility: arrangement.methods[(number - 1) % len(arrangement.methods)]
            for utility, arrangement in made.arrangements.items()
        },
        uses={utility: chance.randint(*MONTHLY_USE[utility]) for utility in UTILITIES},
        earns=chance.randint(300_000, 12_000_000),
        give_back=chance.choice(GIVE_BACK),
    )


def _meters(made: MadeCommunity) -> Iterator[MadeMeter]:
    for utility, arrangement in made.arrangements.items():
        for agreement in made.agreements:
            method = agreement.methods[utility]
            if method == SUBMETER or (method == LUMP_SUM and arrangement.lump_sums_metered):
                yield _meter(made, utility, agreement.ref, agreement.number)
        if arrangement.community_meter:
            yield _meter(made, utility, "", 0)


def _meter(made: MadeCommunity, utility: str, agreement_ref: str, number: int) -> MadeMeter:
    chance = made.chance("meter", utility, str(number))
    digits = chance.choice((5, 6, 6))
    return MadeMeter(
        ref=f"{made.code}-{LETTERS[utility]}{number}",
        utility=utility,
        agreement_ref=agreement_ref,
        multiplier=chance.choice((1, 1, 1, 1, 20)) if utility == "electricity" else 1,
        digits=digits,
        shows=chance.randrange(10**digits) * 1000,
    )
