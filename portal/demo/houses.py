"""The rooms of the four communities as they are told; sizes and hours that nobody told are made up."""

import datetime as dt
from decimal import Decimal
from typing import NamedTuple

EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
WORKDAYS = (0, 1, 2, 3, 4)
HOLIDAY = 7


class Hours(NamedTuple):
    days: tuple[int, ...]
    opens: dt.time
    closes: dt.time
    is_night: bool = False
    season: tuple[str, str] = ("", "")


class Rule(NamedTuple):
    """How a room is booked, where it differs from what is usual."""

    longest: int = 180
    price: Decimal = Decimal(0)
    needs_approval: bool = False
    buffer_after: int = 0
    horizon: int = 30


class Room(NamedTuple):
    name: str
    floor: int
    area_m2: Decimal | None
    capacity: int
    category: str = ""
    uses: str = ""
    equipment: str = ""
    zone: str = ""
    is_accessible: bool = False
    rule: Rule | None = None
    hours: tuple[Hours, ...] = ()
    contains: tuple[str, ...] = ()
    shares: tuple[str, ...] = ()
    is_public: bool = True
    picture: str = ""


class House(NamedTuple):
    facility: str
    hours: tuple[Hours, ...]
    zones: tuple[tuple[int, str], ...]
    rooms: tuple[Room, ...]


def at(hour: int, minute: int = 0) -> dt.time:
    return dt.time(hour, minute)


def m2(area: int) -> Decimal:
    return Decimal(area)


DAYTIME = Hours(EVERY_DAY, at(9), at(18))
NIGHT_SCHOOL = Hours((1, 2, 3, 4), at(19), at(21), is_night=True)
ON_HOLIDAYS = Hours((HOLIDAY,), at(10), at(16))
LESSONS = (Hours(EVERY_DAY, at(9), at(18)), NIGHT_SCHOOL, ON_HOLIDAYS)
TERRACE = (
    Hours((*EVERY_DAY, HOLIDAY), at(8), at(20, 30)),
    Hours((*EVERY_DAY, HOLIDAY), at(9), at(17, 30), season=("11-15", "03-15")),
)
FREE, ASKED = Rule(), Rule(needs_approval=True)
PROJECTOR = "移动投影仪"

HUANGHE = House(
    "HH-1",
    (Hours(EVERY_DAY, at(8, 30), at(20, 30)), Hours((HOLIDAY,), at(10), at(18))),
    ((1, "共享业态区"), (1, "营造区"), (1, "户外共享区")),
    (
        Room("户外共享空间", 1, None, 200, "culture", "睦邻市集、跳蚤汇、露天电影", "遮阳棚、摊位桌、电源箱",
             "户外共享区", True, Rule(longest=480, needs_approval=True, horizon=60), picture="market"),
        Room("共享食堂", 1, m2(90), 40, "meal", "明厨、堂食、外送", "明厨、取餐窗口", "共享业态区", True,
             hours=(Hours((*EVERY_DAY, HOLIDAY), at(7), at(19, 30)),), picture="canteen"),
        Room("营造工作站", 1, m2(70), 34, "culture", "整间：居民会议、放映、分享会", "吧台、书墙、屏幕", "营造区", True,
             Rule(longest=240), contains=("营造工作站·北侧吧台", "营造工作站·南侧书墙"), picture="studio"),
        Room("营造工作站·北侧吧台", 1, m2(26), 10, "culture", "喝茶、小聚、手作", "吧台、茶具", "营造区", True, FREE),
        Room("营造工作站·南侧书墙", 1, m2(44), 24, "culture", "看书、开会、学习、画画，托管孩子午间活动", "长桌、书墙、屏幕",
             "营造区", True, FREE, shares=(PROJECTOR,)),
        Room("直播间", 1, m2(50), 8, "culture", "居民直播、好物推荐、主题访谈", "补光灯、收音、背景布", "共享业态区", True, ASKED,
             hours=(Hours(EVERY_DAY, at(9), at(21)),), shares=(PROJECTOR,), picture="studio-live"),
        Room("网格工作站", 1, m2(60), 12, "household", "办事、便民登记、邻里调解", "办事台", "营造区", True),
        Room(PROJECTOR, 1, None, 1, "", "随房间借用", "", is_public=False),
    ),
)  # fmt: skip

TIANFU = House(
    "TF-1",
    (Hours(EVERY_DAY, at(8, 30), at(21)), Hours((HOLIDAY,), at(9), at(18))),
    ((1, "友邻服务静态区"), (2, "友邻交流动态区"), (3, "友邻共享业态区")),
    (
        Room("服务台", 1, m2(48), 12, "household", "办事、咨询、便民卡", "服务台", "友邻服务静态区", True),
        Room("书架阅览区", 1, m2(110), 36, "culture", "看书、自习、读书会", "书架、阅读桌", "友邻服务静态区", True, FREE,
             picture="books"),
        Room("沙发会客区", 1, m2(84), 20, "culture", "歇脚、聊天、小型座谈", "沙发、饮水机", "友邻服务静态区", True, FREE),
        Room("一楼右侧花店", 1, m2(36), 8, "culture", "大门口的花店，居民开的：全年优惠，老人插花课很便宜", "", "友邻服务静态区", True),
        Room("多功能厅", 2, m2(128), 60, "culture", "整厅：戏曲、瑜伽、讲座", "镜墙、音响", "友邻交流动态区", True,
             Rule(longest=240, buffer_after=10), LESSONS, ("多功能厅·东厅", "多功能厅·西厅"), picture="hall"),
        Room("多功能厅·东厅", 2, m2(64), 28, "culture", "瑜伽、太极", "镜墙、瑜伽垫", "友邻交流动态区", True,
             Rule(buffer_after=10), LESSONS),
        Room("多功能厅·西厅", 2, m2(64), 28, "culture", "戏曲、合唱", "音响、折叠椅", "友邻交流动态区", True,
             Rule(buffer_after=10), LESSONS, shares=(PROJECTOR,)),
        Room("茶艺室", 2, m2(42), 14, "culture", "茶艺、小型聚会", "茶桌、茶具", "友邻交流动态区", True, FREE, LESSONS),
        Room("插花手工室", 2, m2(40), 16, "culture", "插花、手工", "操作台、水池", "友邻交流动态区", True, FREE, LESSONS,
             picture="flowers"),
        Room("书画室", 2, m2(56), 24, "culture", "国画、书法、儿童绘画", "画桌、画毡", "友邻交流动态区", True, FREE, LESSONS,
             shares=(PROJECTOR,)),
        Room("阶梯教室", 3, m2(150), 90, "culture", "放映、讲座、报告", "阶梯座、投影幕", "友邻共享业态区", False,
             Rule(longest=240), (DAYTIME, NIGHT_SCHOOL), shares=(PROJECTOR,), picture="steps"),
        Room("圆桌共享区", 3, m2(120), 48, "culture", "沙龙、洽谈、共享办公", "圆桌、白板", "友邻共享业态区", False, FREE,
             (DAYTIME,)),
        Room("洽谈间", 3, m2(30), 8, "culture", "小组讨论、面谈", "白板", "友邻共享业态区", False, FREE, (DAYTIME,)),
        Room(PROJECTOR, 2, None, 1, "", "随房间借用", "", is_public=False),
    ),
)  # fmt: skip

DIANJIAN = House(
    "DJ-1",
    (Hours(EVERY_DAY, at(8, 30), at(18)), ON_HOLIDAYS),
    ((1, "助餐与医疗"), (2, "康养与儿童"), (3, "文体与科普"), (3, "露台")),
    (
        Room("一楼餐厅", 1, m2(260), 110, "meal", "社区食堂，合作方出资建设", "明厨、自助线", "助餐与医疗", True,
             hours=(Hours((*EVERY_DAY, HOLIDAY), at(6, 30), at(19, 30)),), picture="canteen"),
        Room("医疗站", 1, m2(90), 20, "health", "测血压、配药、义诊", "诊台、观察床", "助餐与医疗", True,
             hours=(Hours(WORKDAYS, at(8), at(17, 30)), Hours((5,), at(8), at(12)))),
        Room("康养中心", 2, m2(310), 60, "elder", "日间照料、康复、午休", "康复器材、护理床", "康养与儿童", True,
             Rule(longest=240), contains=("康养中心·活动厅", "康养中心·康复室", "康养中心·休息室"), picture="care"),
        Room("康养中心·活动厅", 2, m2(150), 36, "elder", "老人活动、健康讲座", "音响、活动椅", "康养与儿童", True,
             Rule(longest=180)),
        Room("康养中心·康复室", 2, m2(80), 12, "elder", "康复训练", "训练床、步行架", "康养与儿童", True, ASKED),
        Room("康养中心·休息室", 2, m2(80), 12, "elder", "午休", "护理床", "康养与儿童", True),
        Room("二楼餐厅", 2, m2(150), 60, "meal", "按需要开放：寿宴、集体餐", "圆桌", "康养与儿童", True,
             Rule(longest=240, price=Decimal("30.00"), needs_approval=True)),
        Room("儿童之家", 2, m2(96), 24, "afterschool", "放学后看护、写作业", "课桌、图书", "康养与儿童", True, FREE,
             (Hours(WORKDAYS, at(12), at(19)), Hours((5, 6), at(9), at(18))), picture="children"),
        Room("文体活动室", 3, m2(140), 40, "fitness", "乒乓球、舞蹈、棋牌", "球台、镜墙", "文体与科普", False,
             Rule(buffer_after=10), (Hours(EVERY_DAY, at(8, 30), at(21)), ON_HOLIDAYS)),
        Room("电宝梦工厂", 3, m2(70), 24, "play", "儿童科普、电学小实验", "实验台、展板", "文体与科普", False, FREE,
             (Hours((2, 4), at(15), at(18)), Hours((5, 6), at(9, 30), at(17)))),
        Room("创业陪伴室", 3, m2(60), 12, "household", "大学生创业：办公位、培训、导师", "工位、白板", "文体与科普", False, FREE),
        Room("三楼露台", 3, None, 80, "fitness", "全龄友好：晒太阳、种植、纳凉晚会", "遮阳伞、种植箱", "露台", False,
             Rule(longest=240, needs_approval=True), TERRACE, picture="terrace"),
    ),
)  # fmt: skip

LIYUAN = House(
    "LY-1",
    (DAYTIME, ON_HOLIDAYS),
    ((1, "托育区"), (2, "夜校与共享区")),
    (
        Room("托班", 1, m2(204), 36, "infant", "整体：乳儿班、托小班、托大班，36 个托位", "", "托育区", True,
             hours=(Hours(WORKDAYS, at(7, 30), at(18)),), contains=("托班活动室", "托班睡眠室")),
        Room("托班活动室", 1, m2(120), 36, "infant", "乳儿班、托小班、托大班", "软包、矮柜", "托育区", True, picture="children",
             hours=(Hours(WORKDAYS, at(7, 30), at(18)),)),
        Room("托班睡眠室", 1, m2(84), 36, "infant", "午睡", "儿童床", "托育区", True,
             hours=(Hours(WORKDAYS, at(7, 30), at(18)),)),
        Room("亲子游戏角", 1, m2(36), 14, "play", "亲子游戏、绘本", "绘本、积木", "托育区", True, FREE),
        Room("夜校教室", 2, m2(110), 44, "culture", "整间：夜校大课、居民会议", "投影、课桌", "夜校与共享区", False,
             Rule(longest=180), (NIGHT_SCHOOL, Hours((5, 6), at(9), at(18))), ("夜校教室·前半", "夜校教室·后半"),
             picture="steps"),
        Room("夜校教室·前半", 2, m2(55), 22, "culture", "声乐、剪纸", "投影", "夜校与共享区", False, FREE,
             (NIGHT_SCHOOL, Hours((5, 6), at(9), at(18)))),
        Room("夜校教室·后半", 2, m2(55), 22, "culture", "书法、手机课", "课桌", "夜校与共享区", False, FREE,
             (NIGHT_SCHOOL, Hours((5, 6), at(9), at(18)))),
        Room("舞蹈室", 2, m2(60), 20, "fitness", "广场舞排练、瑜伽", "镜墙、把杆", "夜校与共享区", False, FREE,
             (DAYTIME, NIGHT_SCHOOL)),
        Room("议事厅", 2, m2(46), 20, "household", "居民议事、调解", "会议桌", "夜校与共享区", False, FREE),
    ),
)  # fmt: skip

HOUSES = (HUANGHE, TIANFU, DIANJIAN, LIYUAN)
