import json

import pytest

from billing import explain, explain_dues
from billing.blocks import MESSAGES, Block, in_order
from billing.charges import ChargeTerm, Correction, charges, correction
from billing.explain import bill_sentences, share_sentences
from billing.explain_dues import charge_sentences, rebate_sentences
from billing.rebates import RebateTerm, adjustments, rebates
from billing.sharing import share_bill, take_back
from portal.months import Month
from tests.billing.values import bill, fen, meter, occupant, on, price, rule, shared, terms

OCTOBER = Month.parse("2026-10")


def told(sentences):
    return "\n".join(f"{sentence.rule} {sentence.text}" for sentence in sentences)


def test_a_metered_share_is_told_back_to_its_readings():
    metered = meter("M1", "2026-08-31 10400", "2026-09-30 10920", agreement="A", digits=5)
    sharing = shared(
        share_bill(
            bill("320.00", "550"),
            [occupant("A", "90", terms("submeter", price_class="cost"))],
            [metered],
            rule=rule(residual="loss", agreed_on=on("2026-01-05")),
        )
    )

    assert told(bill_sentences(sharing.explanation)) == (
        "2.0 2026年9月1日至2026年9月30日，电总表 550 度，金额 320.00 元。\n"
        "2.0 各家都装了分表，按分表用量分摊，总表与分表之差作为线损。（2026年1月5日签订）\n"
        "2.1 分表合计 520 度，损耗 30 度，占总表 5.45 %。"
    )
    assert told(share_sentences(sharing.explanation, sharing.shares[0])) == (
        "1.5 分表 M1 从 10,400（8月31日）到 10,920（9月30日），用了 520 度。\n"
        "2.3 分表用量 520 度，损耗按用量分摊，再加 30 度。\n"
        "2.5 总表 550 度中占 550 度，账单 320.00 元中摊到 320.00 元。\n"
        "2.7 应付 320.00 元。"
    )


def test_weight_ceiling_and_subsidy_are_told():
    agreed = terms(
        "shared",
        weight="310",
        frequency_factor="1.25",
        subsidy_percent="50",
        subsidy_fund="grant",
    )
    sharing = shared(
        share_bill(
            bill("100.00", "100"),
            [occupant("A", "310", agreed, starts="2026-09-16")],
            rule=rule(community_weight="100"),
            price=price("0.5183"),
        )
    )

    text = told(share_sentences(sharing.explanation, sharing.shares[0]))

    assert "2.3 权重 310 × 频次系数 1.25 × 15/30 天，占全部权重的 65.96 %，分到 65.957 度。" in text
    assert "2.6 不高于居民价 0.5183 元：65.96 元降为 34.19 元，差额由社区承担。" in text
    assert "2.7 补贴 50 %，即 17.10 元，由“政府补助”承担。" in text
    assert "2.8 按居民价封顶后余下" in told(share_sentences(sharing.explanation, sharing.community))


def test_by_law_says_so_and_names_the_area():
    sharing = shared(share_bill(bill("1.00"), [occupant("A", "240.50")]))

    text = told(share_sentences(sharing.explanation, sharing.shares[0]))

    assert "依《民法典》第二百八十三条按面积分摊" in text
    assert "权重 240.5 平方米，占全部权重的 100 %" in text


def test_the_community_s_row_tells_lump_sums_and_ignored_meters():
    occupants = [occupant("L", None, terms("lump_sum")), occupant("S", "5")]
    meters = [
        meter("M1", "2026-08-31 0 estimated", "2026-09-30 9", agreement="L", multiplier="2"),
        meter("M2", "2026-08-31 0", agreement="S"),
        meter("M3"),
    ]
    sharing = shared(share_bill(bill("40.00", "40"), occupants, meters, price=price("9")))

    assert "按权重分摊的住户名下的分表不参与计算：M2。" in told(bill_sentences(sharing.explanation))
    assert "社区的分表没有可用读数，按 0 计：M3。" in told(bill_sentences(sharing.explanation))
    assert "包干协议 L 用的 18 度（18.00 元）由社区承担。" in told(
        share_sentences(sharing.explanation, sharing.community)
    )


def test_a_taking_back_is_told():
    posted = shared(share_bill(bill("1.00"), [occupant("A", "5")]))

    back = shared(take_back("R", "B", "electricity", posted.shares))

    assert "冲回账单 B" in told(bill_sentences(back.explanation))
    assert told(share_sentences(back.explanation, back.shares[0])).endswith("应退 1.00 元。")


def test_explanations_are_plain_data():
    sharing = shared(
        share_bill(
            bill("9.00", "9"),
            [occupant("A", "5"), occupant("B", "1", terms("submeter"))],
            [meter("M", "2026-08-31 1", "2026-09-30 2", agreement="B")],
            price=price("9"),
        )
    )

    for data in (sharing.explanation, *(share.explanation for share in sharing.shares)):
        assert json.loads(json.dumps(data)) == data


def test_charges_are_told():
    lump, fee = charges(
        OCTOBER,
        [
            ChargeTerm("A", "lump_sum", fen("600")),
            ChargeTerm("A", "property_fee", area_m2=9_000, rate=12_000),
        ],
        active=21,
        area_m2=None,
    )
    made = correction(Correction("K", "A", on("2026-10-08"), fen("-30"), "utility", "9月包干多收退还"))

    assert told(charge_sentences(lump)) == (
        "3.1 包干每月 600.00 元，本月 31 天中有效 21 天。\n3.1 合计 406.45 元。"
    )
    assert "90 平方米 × 每月每平方米 1.20 元" in told(charge_sentences(fee))
    assert "原因：9月包干多收退还。\n3.3 合计 −30.00 元。" in told(charge_sentences(made))


PERCENT = RebateTerm(
    "R", "A", "percent", rate=500, threshold=fen("5000"), cap=fen("800"), welfare_percent=200_000
)


@pytest.mark.parametrize(
    ("term", "revenue", "says"),
    [
        (PERCENT, "90000.00", "核定收入 90,000.00 元，超过 5,000.00 元的部分按 5 % 反哺。"),
        (PERCENT, "90000.00", "最多 800.00 元，按上限计。"),
        (PERCENT, "90000.00", "其中 20 %（160.00 元）进公益金"),
        (PERCENT._replace(floor=fen("100")), "0.00", "每月至少 100.00 元（31/31 天），按下限计。"),
        (PERCENT, None, "本月收入还没有核定"),
        (PERCENT._replace(holiday_until=on("2026-12-31")), None, "免缴期到 2026年12月31日，本月不缴。"),
        (
            RebateTerm("R", "A", "tiered", tiers="100:0.03|*:0.05"),
            "150.00",
            "0.00 至 100.00 元按 3 %；100.00 至 150.00 元按 5 %",
        ),
        (RebateTerm("R", "A", "fixed", monthly_amount=30_000), None, "每月固定反哺 300.00 元"),
        (
            RebateTerm("R", "A", "in_kind", hours=6_000, unit_value=350_000),
            None,
            "以服务抵，折算 210.00 元，不收钱。",
        ),
    ],
)
def test_give_back_is_told(term, revenue, says):
    (row,) = rebates(OCTOBER, [term], active=31, revenue=None if revenue is None else fen(revenue))

    assert says in told(rebate_sentences(row))


def test_an_adjustment_is_told():
    (row,) = adjustments(OCTOBER, [PERCENT], active=31, revenue=fen("9000"), settled=None, posted={})

    assert "按新核定的收入应缴 200.00 元，已入账 0.00 元，本次补差。" in told(rebate_sentences(row))


def test_every_rule_that_a_step_may_name_has_its_sentence():
    assert set(explain._TELL) == {"1.5", *(f"2.{number}" for number in range(3, 10))}
    assert set(explain_dues._TELL) == {"3.1", "3.2", "3.3", *(f"4.{number}" for number in range(2, 11))}


def test_a_block_says_what_where_and_what_to_do():
    block = Block(
        "over_measured", "bill", "DJ-E-09", {"over": "0.500", "measured": "40.500", "quantity": "40.000"}
    )

    assert block.reason == "sub-meters exceed the master meter by 0.500"
    assert block.where == "账单 DJ-E-09"
    assert block.what == "分表合计 40.500，比总表 40.000 多出 0.500。"
    assert block.to_do.startswith("请核对总表和分表读数")
    assert str(block) == f"账单 DJ-E-09：{block.what}{block.to_do}"
    assert Block.from_data(json.loads(json.dumps(block.as_data()))) == block


def test_a_block_of_another_thing_names_the_bill_it_stops():
    assert (
        Block("no_submeter", "agreement", "A1", {"bill": "B1", "agreement": "A1"}).where
        == "账单 B1 · 协议 A1"
    )


def test_a_fund_is_named_in_words():
    block = Block("fund_lacks", "fund", "grant", {"fund": "grant", "lacks": "123.45"})

    assert block.where == "资金 政府补助"
    assert block.what == "“政府补助”月末将透支 123.45 元。"


def test_blocks_come_once_and_in_a_stable_order():
    one, other = Block("no_submeter", "agreement", "A"), Block("no_weight", "agreement", "A")

    assert in_order([other, one, other]) == [one, other]


@pytest.mark.parametrize("code", MESSAGES)
def test_the_texts_of_a_block_need_the_same_figures(code):
    message = MESSAGES[code]
    figures = {"fund_name": "x"} | dict.fromkeys(_names(message.reason) | _names(str(message.what)), "x")

    assert message.reason % figures
    assert str(message.what) % figures
    assert str(message.to_do) % figures


def _names(text):
    return {part.split(")")[0] for part in text.split("%(")[1:]}
