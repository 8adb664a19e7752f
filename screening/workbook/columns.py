"""What each column of the template means, as the notes, the instructions and the drop-downs say it."""

from __future__ import annotations

from screening.domain.registry import FIELDS, INDUSTRY_WORDS, Field, Kind, Stage
from screening.workbook.headers import ENERGY_FIELDS

_FORMS = {
    Kind.TEXT: "文字",
    Kind.CODE: "代码，按文本填写，保留前导零",
    Kind.NUMBER: "数字，只填数值，不写单位、约数、范围",
    Kind.YEAR: "四位年份，如 2025",
    Kind.DATE: "日期，如 2024-03-01；只知道月份或年份的写 2024年3月、2024",
    Kind.YES_NO: "是 / 否",
    Kind.LEAGUE: "盟市名称或 6 位代码",
    Kind.BANNER: "旗县（市、区）名称或 6 位代码，须属于所填盟市",
    Kind.INDUSTRY: "八个行业之一：" + "、".join(INDUSTRY_WORDS.values()),
    Kind.STAGE: " / ".join(s.words for s in Stage),
}
_MEANINGS = {
    "code": "投资项目在线审批监管平台代码；同一代码的各行为同一项目的不同装置",
    "name": "项目名称；无代码时与建设单位一起识别项目",
    "enterprise": "建设单位全称",
    "credit_code": "18 位统一社会信用代码；校验位不符只提示",
    "league": "项目所在盟市",
    "banner": "项目所在旗县（市、区），不填统计用的开发区",
    "park": "所在园区名称；空白表示在园区外",
    "industry_code": "GB/T 4754—2017 小类代码，4 位；同一项目各装置可不同",
    "unit_name": "装置、生产线的名称或编号；一行一个装置",
    "product": "本装置的主要产品，名称见“选项”表，也可填同义名称",
    "variant": "工艺或规格，名称见“选项”表；该产品只有一种时留空",
    "design_capacity": "本装置设计产能，单位填在“产能单位”",
    "approved_capacity": "整个项目的批复产能，单位同“产能单位”",
    "built_capacity": "本装置实际建成产能",
    "capacity_unit": "如 万吨/年、吨/年、吨/日、万千瓦",
    "design_sec": "本装置设计单位产品能耗，可为负数（转炉工序）",
    "actual_sec": "最近一个完整年度的实际单位产品能耗，可为负数（转炉工序）",
    "sec_unit": "如 kgce/t、kWh/t、kgce/重量箱、gce/(kW·h)",
    "output": "统计年度的实际产量，单位同产能（不计时间）",
    "year": "实际能耗、产量所属年度",
    "design_equivalent": "整个项目的设计年综合能耗，电力按等价值",
    "design_calorific": "整个项目的设计年综合能耗，电力按当量值",
    "actual_equivalent": "整个项目的实际年综合能耗，电力按等价值",
    "electricity": "整个项目的年用电量",
    "approved_equivalent": "节能审查意见批复的年综合能耗，电力按等价值",
    "national_plan": "是否列入国家产业规划布局方案",
    "start_date": "开工建设日期",
    "first_listed": "首次列入整改（改造）清单的日期，早于文书送达的作为期限起点",
    "basis": "设计值还是实际值",
    "sold": "消费，或外供的能源产品；空白为消费",
    "carrier": "能源品种，名称见“选项”表",
    "amount": "实物量",
    "measure": "t、万t、m3、万m3、kWh、万kWh、MJ、GJ 或其中文名称",
    "heating_value": "实测低位发热量，单位 kJ/kg 或 kJ/m³；空白用缺省系数",
    "feedstock": "是否用作原料",
    "renewable": "是否可再生能源",
}
WIDTHS = {"name": 28, "enterprise": 26, "credit_code": 22, "code": 28, "variant": 22, "problems": 28, "opinion": 24}


def title(f: Field) -> str:
    """The header of the column: its words, the unit of its figures, a star where it is required."""
    return f.header + (f"（{'吨标准煤' if f.measure == 'tce' else f.measure}）" if f.measure else "") + "*" * f.required


def note(f: Field) -> str:
    """The note on a header cell."""
    parts = [_MEANINGS.get(f.key, f.header), f"填写：{forms(f)}", "必填" if f.required else "选填"]
    return "\n".join(parts)


def forms(f: Field) -> str:
    """What the column accepts, in words."""
    if f.choices:
        return " / ".join(f.choices)
    unit = {"tce": "吨标准煤"}.get(f.measure or "", f.measure or "")
    return _FORMS[f.kind] + (f"，单位 {unit}" if unit else "")


def instructions() -> list[tuple[str, str, str, str, str]]:
    """The rows of the sheet 填表说明: sheet, column, required, meaning, accepted forms."""
    rows = [("台账", title(f), f) for f in FIELDS] + [("能源消费", title(f), f) for f in ENERGY_FIELDS]
    return [
        (sheet, head, "必填" if f.required else "", _MEANINGS.get(f.key, f.header), forms(f)) for sheet, head, f in rows
    ]


GENERAL = (
    "一行一个装置；同一项目（项目代码相同，无代码的为项目名称和建设单位相同）的各行合为一个项目。",
    "除装置名称、行业代码、主要产品、工艺规格、产能（批复产能除外）、单位产品能耗、产量和统计年度外，其余各栏属于整个项目：各行重复填写或只在首行填写，不得互相矛盾，也不相加。",
    "本表没有的列不影响筛查；有列而空白表示“未登记”；写“未提供”表示该项目对此没有说明，等同没有此列。",
    "可以增减、调换列；不认识的列原样保留。标题行、合并单元格、合计行、注释行可以保留。",
    "空白、—、–、-、/、无 均视为空白。数字可带千分位；不要写“约900”“900左右”。",
    "“能源消费”表可选：填写后按实物量计算综合能耗，代替填报的总量。",
)
