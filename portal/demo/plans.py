"""The plans of the three centres as they are told; amounts that nobody told are made up, as the demo says."""

import datetime as dt
from decimal import Decimal
from typing import NamedTuple

from facilities.models import Funding
from portal.demo.people import DIANJIAN, HUANGHE, TIANFU

Day = dt.date


class Pledge(NamedTuple):
    source: str
    payers: tuple[str, ...]
    total: Decimal
    on: dt.date
    minutes: str


class Bill(NamedTuple):
    amount: Decimal
    purpose: str
    payee: str
    on: dt.date
    evidence: str


class Step(NamedTuple):
    name: str
    due_on: dt.date | None = None
    done_on: dt.date | None = None
    picture: str = ""
    rooms: int = 0


class Stage(NamedTuple):
    name: str
    budget: Decimal
    area_m2: Decimal | None
    starts_on: dt.date | None
    ends_on: dt.date | None
    steps: tuple[Step, ...] = ()
    pledges: tuple[Pledge, ...] = ()
    bills: tuple[Bill, ...] = ()


class Plan(NamedTuple):
    community: str
    facility: str
    name: str
    parts: tuple[str, str, str, str, str, str, str]
    stages: tuple[Stage, ...]
    clerk: str
    street: str
    approved_on: dt.date
    is_finished: bool = False


FIVE = (
    "孵化企业（数字经济）",
    "孵化企业（动漫）",
    "孵化企业（传媒）",
    "孵化企业（生物医药）",
    "孵化企业（第五家）",
)

HUANGHE_PLAN = Plan(
    community=HUANGHE,
    facility="HH-1",
    name="黄河社区营造中心",
    parts=(
        "黄河社区居委会牵头，把原来的办公用房改成居民用的地方：去行政化、去办公化、去形式化。",
        "社区孵化出来的企业和众友社会工作服务中心共同运营。",
        "户外共享空间（睦邻市集、跳蚤汇）、共享食堂（明厨，堂食和外送）、营造工作站（喝茶、看书、开会、学习、画画）、直播间、网格工作站。",
        "喝茶、看书、自习不收费；食堂按进门处公示的价目，不高于周边同类价格。",
        "2019 年在康乐社区开始孵化企业，后来搬到这里：帮办创业贷款，孵化两年，社区零资本持股，参与决策、用工和营销，企业长成后无条件退出；已毕业 5 家，在孵 2 家。毕业的五家均摊一期建设费，另共同出资 10 万元发起众友社会工作服务中心（民办非企业单位，社工 7 名）。",
        "街道和社区每季度查看卫生、安全和收费；居民可在公开页和异议页提意见。",
        "社区提供场地并组织居民；企业出资并派人；社会组织做服务；街道审批并监督。",
    ),
    stages=(
        Stage(
            "办公用房改造，共享食堂、营造工作站和直播间",
            Decimal("500000.00"),
            Decimal("270.00"),
            Day(2025, 9, 1),
            Day(2026, 12, 25),
            (
                Step("五家企业约定均摊", Day(2025, 9, 5), Day(2025, 9, 3)),
                Step("拆除隔断，水电改造", Day(2025, 11, 30), Day(2025, 11, 21)),
                Step(
                    "共享食堂、营造工作站开放",
                    Day(2025, 12, 31),
                    Day(2025, 12, 29),
                    "一期平面示意图（演示用，非实测）",
                    5,
                ),
                Step("户外共享空间收尾", Day(2026, 12, 25)),
            ),
            (
                Pledge(
                    Funding.Source.INCUBATED,
                    FIVE,
                    Decimal("500000.00"),
                    Day(2025, 9, 3),
                    "五方均摊约定（示例）",
                ),
            ),
            (
                Bill(Decimal("186400.00"), "拆除、水电和墙地面", "施工单位", Day(2025, 11, 24), "HH-GC-01"),
                Bill(Decimal("143260.50"), "食堂厨房设备", "设备供应单位", Day(2025, 12, 18), "HH-SB-01"),
                Bill(
                    Decimal("98999.99"), "家具、书墙和直播设备", "设备供应单位", Day(2025, 12, 26), "HH-SB-02"
                ),
            ),
        ),
        Stage("楼上改为共享服务和孵化空间", Decimal(0), None, None, None, (Step("方案征求居民意见"),)),
    ),
    clerk="clerk",
    street="approver",
    approved_on=Day(2025, 8, 28),
)

TIANFU_PLAN = Plan(
    community=TIANFU,
    facility="TF-1",
    name="天府社区服务活动中心",
    parts=(
        "天府社区居委会，街道支持。",
        "社区自管，居民自组织和驻区商家参与。",
        "一层友邻服务静态区（服务台、书架、沙发）；二层友邻交流动态区（老年大学、夜校：茶艺、插花、瑜伽、戏曲、儿童绘画）；三层友邻共享业态区（阶梯教室、圆桌）。",
        "活动空间免费；夜校和插花课低于市价，老人另有优惠，价目在门口公示。",
        "品牌“FU在身边”。花店、活动策划等居民商家入驻，以优惠课程和服务回馈；书店洽谈中。",
        "三层使用率低，每月公布使用情况，据此重新策划。",
        "社区排课并管场地；商家按约定办课；居民评议。",
    ),
    stages=(
        Stage(
            "三层服务中心：静态区、动态区、共享业态区",
            Decimal("360000.00"),
            Decimal("974.00"),
            Day(2023, 3, 1),
            Day(2023, 9, 30),
            (
                Step("一层静态区开放", Day(2023, 7, 1), Day(2023, 6, 28)),
                Step("二层动态区开放", Day(2023, 9, 1), Day(2023, 8, 30)),
                Step(
                    "三层共享业态区开放",
                    Day(2023, 9, 30),
                    Day(2023, 9, 27),
                    "三层平面示意图（演示用，非实测）",
                    3,
                ),
            ),
            (
                Pledge(
                    Funding.Source.STREET,
                    ("韦曲街道",),
                    Decimal("300000.00"),
                    Day(2023, 2, 20),
                    "街道会议纪要（示例）",
                ),
                Pledge(
                    Funding.Source.SAVINGS,
                    ("天府社区",),
                    Decimal("60000.00"),
                    Day(2023, 2, 20),
                    "居民会议纪要（示例）",
                ),
            ),
            (Bill(Decimal("348720.00"), "三层装修和家具", "施工单位", Day(2023, 9, 28), "TF-GC-01"),),
        ),
    ),
    clerk="clerk-tianfu",
    street="approver-other",
    approved_on=Day(2023, 2, 24),
    is_finished=True,
)

DIANJIAN_PLAN = Plan(
    community=DIANJIAN,
    facility="DJ-1",
    name="电建社区“小白楼”服务中心",
    parts=(
        "电建社区居委会，多部门协调取得三层“小白楼”。",
        "康养中心、医疗站和餐厅各由专业机构运营，社区统筹。",
        "一层餐厅和医疗站，二层康养中心，另有儿童之家、文体活动室和儿童科普“电宝梦工厂”，三层露台人人可用、全龄友好。",
        "老人餐、日间照料按公示的普惠价；儿童科普活动免费或收材料费。",
        "多方出资：居民帮助、街道资金；餐厅由合作方出资建设，一层食堂、二层按需运营。目标是资源自循环。",
        "街道每季度检查食品、消防和收费，结果公开。",
        "社区协调用房和居民需求；合作方建设并运营餐厅；街道出资并监督。",
    ),
    stages=(
        Stage(
            "三层小白楼改造，1,500 平方米",
            Decimal("680000.00"),
            Decimal("1500.00"),
            Day(2024, 6, 3),
            Day(2024, 12, 31),
            (
                Step("取得用房", Day(2024, 5, 31), Day(2024, 5, 27)),
                Step(
                    "康养中心、医疗站开放",
                    Day(2024, 12, 31),
                    Day(2024, 12, 20),
                    "小白楼二层平面示意图（演示用，非实测）",
                    4,
                ),
            ),
            (
                Pledge(
                    Funding.Source.SAVINGS,
                    ("电建社区居民",),
                    Decimal("80000.00"),
                    Day(2024, 5, 20),
                    "居民会议纪要（示例）",
                ),
                Pledge(
                    Funding.Source.STREET,
                    ("长乐西路街道",),
                    Decimal("600000.00"),
                    Day(2024, 5, 22),
                    "街道会议纪要（示例）",
                ),
            ),
            (Bill(Decimal("512300.00"), "楼体改造和无障碍通道", "施工单位", Day(2024, 11, 15), "DJ-GC-01"),),
        ),
        Stage(
            "餐厅：合作方出资，一层食堂，二层按需要运营",
            Decimal("420000.00"),
            Decimal("410.00"),
            Day(2024, 12, 2),
            Day(2025, 3, 31),
            (Step("餐厅开业", Day(2025, 3, 31), Day(2025, 3, 26)),),
            (
                Pledge(
                    Funding.Source.OPERATOR,
                    ("餐厅合作方",),
                    Decimal("420000.00"),
                    Day(2024, 5, 28),
                    "合作协议（示例）",
                ),
            ),
            (Bill(Decimal("398650.00"), "食堂建设和厨房", "施工单位", Day(2025, 3, 20), "DJ-GC-02"),),
        ),
    ),
    clerk="clerk-dianjian",
    street="approver-other",
    approved_on=Day(2024, 5, 30),
    is_finished=True,
)

PLANS = (HUANGHE_PLAN, TIANFU_PLAN, DIANJIAN_PLAN)


class Place(NamedTuple):
    """A site with the talks about it: each a text and the state it led to."""

    community: str
    name: str
    owner: str
    title: str
    area_m2: Decimal
    acquisition: str
    build_mode: str
    facility: str
    talks: tuple[tuple[str, str], ...]


TAKEN = (("开始接洽。", "negotiating"), ("同意给社区办服务。", "reserved"), ("改造开放。", "in_use"))

SITES = (
    Place(
        HUANGHE,
        "社区原办公用房",
        "黄河社区居委会",
        "not_registered",
        Decimal("270.00"),
        "public",
        "whole",
        "HH-1",
        TAKEN,
    ),
    Place(
        HUANGHE,
        "楼上用房（二期）",
        "待核实",
        "unclear",
        Decimal("260.00"),
        "public",
        "whole",
        "",
        (("二期拟作共享服务和孵化空间。", "negotiating"), ("先预留，等方案。", "reserved")),
    ),
    Place(
        TIANFU,
        "社区服务中心三层楼",
        "开发商配建，已移交",
        "certified",
        Decimal("974.00"),
        "developer",
        "whole",
        "TF-1",
        TAKEN,
    ),
    Place(
        TIANFU,
        "拟设书店的用房",
        "待核实",
        "unclear",
        Decimal("60.00"),
        "",
        "scattered",
        "",
        (
            ("书店来谈：书目与总店一致，书架每三个月更新，兼职聘用本小区全职妈妈。", "negotiating"),
            ("书店希望客源稳定；愿给居民折扣，办读书会和亲子活动。", ""),
        ),
    ),
    Place(
        DIANJIAN,
        "三层“小白楼”",
        "待核实",
        "not_registered",
        Decimal("1500.00"),
        "public",
        "whole",
        "DJ-1",
        (
            ("找过多个部门，都愿意支持。", "negotiating"),
            ("同意交社区使用。", "reserved"),
            ("改造开放。", "in_use"),
        ),
    ),
)
