"""What a table can say of an instrument: one line for each field, with the headers that we write and know."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices

from accounts.states import Audience
from instruments.states import AcquiredBy, BookedWhere, Kind, Status, YouthUse

LONGEST_TEXT = 20_000


@dataclass(frozen=True)
class Field:
    """One field: its header in both languages, other headers that people use, and what kind of value it holds.

    `kind` is line, text, words, choice, choices, flag, value (CNY), ten_thousands (of CNY), date, count, country,
    questions, or place (what is looked up in the catalogue).
    """

    name: str
    zh: str
    en: str
    kind: str = "line"
    longest: int = 0
    choices: type[TextChoices] | None = None

    @property
    def headers(self) -> tuple[str, ...]:
        return (self.zh, self.en, self.name, *filter(None, ALSO.get(self.name, "").split("|")))


# Other headers that people use for the same.
ALSO = {
    "inner_number": "仪器编号|设备编号|固定资产编号|Asset number|Asset ID|Inventory number",
    "name_zh": "名称|中文名称|设备名称|仪器中文名称",
    "name_en": "仪器英文名称|Name|Instrument name|Instrument",
    "model": "型号|规格|型号规格",
    "manufacturer": "制造商|厂商|生产厂家|厂家|品牌|Maker|Vendor",
    "country": "产地国别|生产国别|产地|国别(地区)|Country",
    "serial_number": "序列号|出厂号",
    "original_value": "原值|单价(元)|金额(元)|Original value",
    "original_value_wan": "单价(万元)|金额(万元)|价值(万元)",
    "commissioned_on": "投用日期|开始使用日期|Commissioned|In use since",
    "decommissioned_on": "报废日期|Decommissioned",
    "acquired_by": "购置方式|仪器来源",
    "funding_source": "资金来源",
    "customs_supervised": "是否海关监管|是否免税|Customs supervised",
    "organisation": "单位|单位名称|Institution",
    "facility": "平台|机组|所属机组|所属实验室|实验室|所属平台/机组|Laboratory|Platform",
    "room": "房间号|安放地点|存放地点|放置地点",
    "category": "分类|类别|分类编码|分类号|仪器分类编码|Category code",
    "research_group": "Group",
    "kind": "资源类型",
    "status": "运行状态|使用状态|仪器状态",
    "sharing": "共享范围|开放范围|Sharing",
    "booked_where": "预约途径",
    "booked_url": "预约链接|Booking URL",
    "takes_samples": "可送样",
    "needs_operator": "Needs operator",
    "techniques": "技术|方法|Technique",
    "keywords": "关键字",
    "materials": "材料",
    "standards": "检测标准|执行标准",
    "summary_zh": "仪器简介|简介|主要用途|应用领域",
    "summary_en": "Summary|Description",
    "indicators_zh": "技术指标|主要技术参数|性能指标",
    "indicators_en": "Technical indicators",
    "functions_zh": "功能|主要功能及特色",
    "functions_en": "Functions",
    "accessories_zh": "附件|附件及配置",
    "accessories_en": "Accessories",
    "requirement_zh": "样品要求|送样要求",
    "requirement_en": "Requirements",
}  # fmt: skip

FIELDS = [
    Field("inner_number", "资产编号", "Inner number", longest=40),
    Field("slug", "网址名", "Slug", "slug", longest=50),
    Field("name_zh", "仪器名称", "Chinese name", longest=120),
    Field("name_en", "英文名称", "English name", longest=160),
    Field("model", "规格型号", "Model", longest=120),
    Field("manufacturer", "生产厂商", "Manufacturer", longest=120),
    Field("country", "国别", "Country of manufacture", "country", longest=2),
    Field("serial_number", "出厂编号", "Serial number", longest=80),
    Field("original_value", "原值(元)", "Original value (CNY)", "value"),
    Field("original_value_wan", "原值(万元)", "Original value (10,000 CNY)", "ten_thousands"),
    Field("commissioned_on", "启用日期", "Commissioned on", "date"),
    Field("decommissioned_on", "停用日期", "Decommissioned on", "date"),
    Field("acquired_by", "取得方式", "Acquired by", "choice", choices=AcquiredBy),
    Field("funding_source", "经费来源", "Funding source", longest=160),
    Field("customs_supervised", "海关监管", "Under customs supervision", "flag"),
    Field("organisation", "所属单位", "Organisation", "place"),
    Field("facility", "所属平台", "Facility", "place"),
    Field("room", "房间", "Room", longest=40),
    Field("category", "仪器分类", "Category", "place"),
    Field("research_group", "课题组", "Research group", "place"),
    Field("kind", "类型", "Kind", "choice", choices=Kind),
    Field("status", "状态", "Status", "choice", choices=Status),
    Field("sharing", "开放对象", "Open to", "choices", choices=Audience),
    Field("booked_where", "预约方式", "Booked where", "choice", choices=BookedWhere),
    Field("booked_url", "预约网址", "Booking page", "url", longest=200),
    Field("takes_samples", "接受送样", "Takes samples", "flag"),
    Field("needs_operator", "须操作员上机", "Only with an operator", "flag"),
    Field("techniques", "技术方法", "Techniques", "words", longest=60),
    Field("keywords", "关键词", "Keywords", "words", longest=60),
    Field("materials", "适用材料", "Materials", "words", longest=60),
    Field("standards", "标准", "Standards", "words", longest=60),
    Field("summary_zh", "用途", "What it is good for (Chinese)", "text"),
    Field("summary_en", "用途(英文)", "What it is good for (English)", "text"),
    Field("indicators_zh", "主要技术指标", "Technical indicators (Chinese)", "text"),
    Field("indicators_en", "主要技术指标(英文)", "Technical indicators (English)", "text"),
    Field("functions_zh", "主要功能", "Functions (Chinese)", "text"),
    Field("functions_en", "主要功能(英文)", "Functions (English)", "text"),
    Field("accessories_zh", "主要附件", "Accessories (Chinese)", "text"),
    Field("accessories_en", "主要附件(英文)", "Accessories (English)", "text"),
    Field("requirement_zh", "使用要求", "Requirements (Chinese)", "text"),
    Field("requirement_en", "使用要求(英文)", "Requirements (English)", "text"),
    Field("fit_for_youth", "适合青少年", "Fit for young people", "flag"),
    Field("youth_use", "青少年可以", "Young people may", "choice", choices=YouthUse),
    Field("youth_age_from", "青少年起始年龄", "From the age of", "count"),
    Field("youth_ppe_zh", "防护装备", "Protective equipment (Chinese)", longest=200),
    Field("youth_ppe_en", "防护装备(英文)", "Protective equipment (English)", longest=240),
    Field("questions", "预约问题", "Questions", "questions"),
]  # fmt: skip
BY_NAME = {field.name: field for field in FIELDS}
# Looked up in the catalogue by whoever knows it; the rest is a value of its own.
PLACES = ("facility", "category", "research_group")
# What an empty cell cannot empty: it leaves what stands there, or the usual value of a new record.
NEVER_EMPTY = {"name_zh", "kind", "status", "booked_where", "slug", "inner_number", "facility", "organisation"}
