"""Breaks a title by sense: never inside a word or a name, in the shape of a trapezium or a lozenge (GB/T 9704)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from functools import cache
from typing import Final

from screening.printing.composer import CLOSING, EM, OPENING

_KNOWN: Final = frozenset(
    re.findall(
        r"\S+",
        """
    关于 责令 限期整改 限期治理 限期改造 限期改正 限期 整改 治理 改造 改正 升级 改造升级 技术改造 节能改造
    节能降碳 降碳 节能 节约能源 停止建设 停止生产 停止使用 停止推进 停止 建设 生产 使用 准予推进 不予推进
    暂停推进 推进 退回 优化设计 重新设计 叫停 暂停 撤销 恢复 解除 限制措施 限制 措施 有关 装置 设备 淘汰类
    淘汰退出 淘汰 退出 列入 报请 停业整顿 停业 整顿 关闭 移送 线索 问题 情形 案件 鼓励 实施 实行 开展 组织 保持
    能效水平 能效 水平 动态监控 监控 提示 改造期限 期限 催告 验收通过 验收不通过 验收 通过 不通过 补充 资料
    有关资料 拟作 处理 处罚 事先告知书 听证告知书 告知书 送达回证 行政 决定书 决定 通知书 通知 意见书 意见 复函
    批复 报告 请示 超标排放 超批复用能 未批先建 批建不符 用能 排放 违规 擅自 开工 审批 能耗 限额 总量 强度 指标
    阶梯电价 标杆水平 基准水平 项目 工程 示范 基地 园区 工业园区 开发区 经济技术开发区 产业园 循环经济 一体化
    产业链 综合利用 配套 扩建 新建 改扩建 迁建 技改 置换 产能 产能置换 升级改造 生产线 自备电厂 热电联产
    余热发电 余热 余压 发电 电厂 机组 锅炉 供热 储能 制氢 绿氢 光伏 风电 氢能 碳捕集 源网荷储 有限责任公司
    股份有限公司 有限公司 集团 公司 分公司 能源化工 煤化工 精细化工 氯碱化工 化工 化学 能源 冶金 合金 铁合金
    建材 科技 实业 电石 电石炉 水泥 水泥熟料 熟料 硅铁 锰硅合金 锰硅 硅锰 铬铁 高碳铬铁 镍铁 工业硅 多晶硅
    单晶硅 有机硅 铝 电解铝 氧化铝 铜冶炼 铅锌 冶炼 炼铁 炼钢 粗钢 生铁 焦炭 焦化 炼焦 兰炭 半焦 甲醇 乙二醇
    烯烃 煤制烯烃 煤制油 煤制气 天然气 煤制天然气 合成氨 尿素 烧碱 纯碱 聚氯乙烯 聚乙烯 聚丙烯 石灰 石灰窑 白灰
    石墨 石墨电极 碳素 阳极 负极材料 电极 玻璃 平板玻璃 浮法玻璃 陶瓷 砖瓦 煤矸石 粉煤灰 炉渣 矿热炉 回转窑 高炉
    转炉 电炉 隧道窑 烧结 球团 轧钢 特钢 不锈钢 钢铁 有色金属 稀土 造纸 纺织 原油 加工 精制 下游 上游 副产 尾气
    数据中心 内蒙古自治区 自治区 自治旗 发展和改革委员会 人民政府 行政公署 工业和信息化局 生态环境局
    生态环境厅 能源局 委员会 年产 日产 年处理 年加工 吨 万吨 千瓦 兆瓦 万千瓦 立方米 平方米 一期 二期 三期 四期
    第一 第二 主要 产品 工艺 单位产品能耗 对标结论 对标 情况 情况表 一览表 清单 明细表 结论
    附属 公用 辅助 千克标准煤 标准煤 千瓦时 节能降碳改造 节能降碳改造升级 节能改造升级 绿色低碳 低碳 产业园区
    循环产业园区 加工园区 循环经济产业园区 循环经济示范园区 示范园区 工业集中区 高新技术产业开发区 高新区 化工园区
    镍铁合金 硅铁合金 铬铁合金 硅锰合金 密闭矿热炉 密闭电石炉 半密闭 密闭 内燃 联产 燃煤机组 空冷 湿冷 超超临界 亚临界
    循环流化床 煤电铝 煤电 铝电 专用线 铁路专用线 供水管网 管网 填埋场 固废填埋场 尾气综合利用 余热综合利用 资源综合利用
    石墨化 焙烧 煅烧 电解槽 电解 精炼 干熄焦 空分装置 空分 气化 净化 合成 尾矿 选矿 采矿 煤矿 洗煤 选煤 焦炉
    捣固焦 乙炔 醋酸 甲醛 醋酸乙烯 苯胺 丁二醇 可降解塑料 氢氧化铝 铝合金 铝板带箔 再生铝 铜板带 阴极铜 电解铜
    玻璃纤维 岩棉 耐火材料 电熔镁砂 金属镁 金属硅 碳化硅 硅石 萤石 磷铵 磷酸 黄磷 硫酸 硝酸 制砖 烧结砖 商砼 混凝土
    一条 二条 两台 两座 技术升级 设备更新 超低排放 超低排放改造 脱硫 脱硝 除尘 烟气 自治县 热电
""",
    )
)
"""Words of our titles and of project names. What is in no word here stays together as an unknown name."""
_LONGEST: Final = max(map(len, _KNOWN))
_NUMBER: Final = re.compile(
    r"(?:年产|日产|年处理|年加工)?(?:[0-9][0-9.,×xX~-]*|[一二三四五六七八九十百千两]{1,6}(?=万|千|亿|吨|兆|台|条|号|座))"
    r"[万亿千百兆]*(?:吨/年|吨|千瓦|瓦|立方米|平方米|台套|台|套|条|座|号|期|年|重量箱|标方|度)?[A-Za-z]*级?"
)
_LATIN: Final = re.compile(r"[!-~]+(?:[×·—–²³]+[!-~]+)*")
_HUNG: Final = frozenset("的等及和与、，")
"""Stand with the word before them."""
_AFTER: Final = ("公司", "集团", "园区", "开发区", "旗", "市", "县", "盟", "、", "及", "项目", "工程")
_BEFORE: Final = ("年产", "日产", "年处理", "年加工", "配套", "技术改造", "一体化", "综合利用", "及", "并", "联产")
_BRACKETS: Final = re.compile(r"（[^（）]{1,10}）")
"""Stays whole: （二期、三期）."""

_TAILS: Final = ("有限责任公司", "股份有限公司", "有限公司", "集团", "公司", "项目", "工程", "的")

_SEAM, _GOOD, _WORD, _TAIL, _NAME = 0, 5, 16, 40, 400
"""What a break costs: between phrases, where a new thought begins, between words, before the word that ends a name,
inside a name (where nothing else is left)."""


def title_lines(
    phrases: Sequence[str], width: Callable[[str], int], measure: int, names: Collection[str] = ()
) -> list[str]:
    """The title on as few lines as its sense allows, each within `measure`; `names` are never broken where they fit.

    A break between two phrases is best, between two words next. The lines widen downwards, narrow downwards, or
    are widest in the middle, where the words allow any of it.
    """
    if width("".join(phrases)) <= measure:
        return ["".join(phrases)]
    pieces, costs = _pieces(phrases, width, measure, names)
    fewest = -(-width("".join(phrases)) // measure)
    best: tuple[float, list[str]] | None = None
    for count in range(fewest, len(pieces) + 1):
        found = _shared(pieces, costs, count, width, measure)
        if found and (best is None or found[0] + 60 * (count - fewest) < best[0]):
            best = (found[0] + 60 * (count - fewest), found[1])
        if best and count > fewest:
            break
    return best[1] if best else pieces


def _pieces(
    phrases: Sequence[str], width: Callable[[str], int], measure: int, names: Collection[str]
) -> tuple[list[str], list[int]]:
    """What stays together, and what a break before each piece costs."""
    pieces: list[str] = []
    costs: list[int] = []
    for phrase in phrases:
        start = len(pieces)
        for word in _words(phrase, names):
            hangs = word[0] in CLOSING or word in _HUNG or (pieces and pieces[-1][-1] in OPENING)
            told_more = word[0] == "（" and pieces and 2 * width(pieces[-1] + word) < measure
            if len(pieces) > start and (hangs or told_more):
                pieces[-1] += word
            elif len(pieces) == start:
                costs.append(_SEAM)
                pieces.append(word)
            else:
                good = pieces[-1].endswith(_AFTER) or word.startswith(_BEFORE)
                costs.append(_TAIL if word.startswith(_TAILS) else _GOOD if good else _WORD)
                pieces.append(word)
    fit: list[str] = []
    prices: list[int] = []
    for piece, cost in zip(pieces, costs, strict=True):
        parts = [piece] if width(piece) <= measure else _forced(piece, width, measure)
        fit += parts
        prices += [cost] + [_NAME] * (len(parts) - 1)
    return fit, prices


def _words(phrase: str, names: Collection[str]) -> list[str]:
    """The phrase in names, numbers with their units, known words, and unknown runs."""
    found: list[str] = []
    at, unknown = 0, ""
    longest = max((_LONGEST, *map(len, names)))
    while at < len(phrase):
        number = _BRACKETS.match(phrase, at) or _NUMBER.match(phrase, at) or _LATIN.match(phrase, at)
        word = next(
            (
                phrase[at : at + long]
                for long in range(min(longest, len(phrase) - at), 0, -1)
                if phrase[at : at + long] in _KNOWN or phrase[at : at + long] in names
            ),
            "",
        )
        if number and len(number.group()) > len(word):
            word = number.group()
        if not word and phrase[at] in _HUNG:
            word = phrase[at]
        if word:
            found += [unknown] * bool(unknown) + [word]
            unknown = ""
            at += len(word)
        else:
            unknown += phrase[at]
            at += 1
            if unknown.endswith(("旗", "市", "县", "盟")) and len(unknown) > 2:
                found.append(unknown)
                unknown = ""
    if unknown:
        found.append(unknown)
    # 的函, 书: one sign at the end of a phrase is no word of its own
    while len(found) > 1 and (len(found[-1]) == 1 or found[-2] == "的"):
        found[-2:] = [found[-2] + found[-1]]
    return found


def _forced(piece: str, width: Callable[[str], int], measure: int) -> list[str]:
    """A name wider than a line in even parts."""
    count = -(-width(piece) // measure)
    goal = width(piece) / count
    parts, line = [], ""
    for character in piece:
        full = width(line + character) > min(measure, goal + EM / 2)
        if line and full and character not in CLOSING and line[-1] not in OPENING:
            parts.append(line)
            line = ""
        line += character
    return [*parts, line]


def _shared(
    pieces: Sequence[str], costs: Sequence[int], count: int, width: Callable[[str], int], measure: int
) -> tuple[float, list[str]] | None:
    """The pieces on `count` lines at the least cost, None where they do not fit."""
    widths = [width(piece) for piece in pieces]
    goal = sum(widths) / count

    @cache
    def rest(start: int, left: int, before: int, falling: bool) -> tuple[float, tuple[int, ...]] | None:
        """The cheapest cuts of what follows `start`; `before` is the width of the line above."""
        best: tuple[float, tuple[int, ...]] | None = None
        line = 0
        for end in range(start + 1, len(pieces) - left + 2):
            line += widths[end - 1]
            if line > measure:
                break
            if left == 1 and end < len(pieces):
                continue
            cost = 0.4 * ((line - goal) / EM) ** 2 + (costs[start] if start else 0)
            cost += 40 if line < 5 * EM else 0
            if before:
                # narrower above and below: an hourglass
                cost += (45 if line <= before + 1.5 * EM else 200) if falling and line > before + EM / 2 else 0
                cost += 6 if abs(line - before) < EM / 2 else 0  # a rectangle
            after = (
                (0.0, ())
                if left == 1
                else rest(end, left - 1, line, bool(before) and (falling or line < before - EM / 2))
            )
            if after is not None and (best is None or cost + after[0] < best[0]):
                best = (cost + after[0], (end, *after[1]))
        return best

    found = rest(0, count, 0, False)
    if found is None:
        return None
    ends = found[1]
    return found[0], ["".join(pieces[a:b]) for a, b in zip((0, *ends), ends, strict=False)]
