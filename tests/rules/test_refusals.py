"""Every fault in the rules is refused, with the file, the row and the key; the faults are written into copies."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from screening import rulebook
from screening.domain.errors import RulesInvalid

LEVELS_2021, LEVELS_2023 = "levels/2022-01-01.toml", "levels/2023-07-04.toml"

CARBIDE = 'id = "calcium_carbide"\ncode = "2613"\nfield = "无机盐制造"\nproduct = "电石"\n'
TAIL = 'indicator = "单位产品综合能耗"\nunit = "kgce/t"\nbenchmark = 805\nbaseline = 940\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped rules that may be spoiled."""
    return shutil.copytree(rulebook.FOLDER, tmp_path / "rules")


def spoil(folder: Path, file: str, old: str, new: str) -> None:
    """Replaces the first occurrence of a text that must be there."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{file} does not hold {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")


def add(folder: Path, file: str, text: str) -> None:
    """Adds text at the end of a file."""
    path = folder / file
    path.write_text(path.read_text(encoding="utf-8") + "\n" + text, encoding="utf-8", newline="\n")


def problems(folder: Path) -> tuple[str, ...]:
    """What the check of a folder says."""
    with pytest.raises(RulesInvalid) as refused:
        rulebook.load(folder)
    return refused.value.problems


FAULTS = [
    pytest.param(
        LEVELS_2023, CARBIDE + TAIL, CARBIDE + TAIL + "benchmrak = 1\n", ["calcium_carbide", "“benchmrak”", "不是本程序认识的项"],
        id="an unknown key in a row",
    ),
    pytest.param(LEVELS_2023, 'edition = "2023"', 'edition = "2023"\nyear = 2023', ["文件开头", "“year”"], id="an unknown key at the top"),
    pytest.param(LEVELS_2023, "[[standard]]", "[[standart]]", ["“standart”"], id="an unknown kind of row"),
    pytest.param(LEVELS_2023, "source = {", "sauce = {", ["“source”缺失"], id="an edition without a source"),
    pytest.param("parameters.toml", 'source = "im_plan_2022"\n', "", ["focus_line", "“source”缺失"], id="a row without a source"),
    pytest.param("parameters.toml", '"im_plan_2022"', '"im_plan_2023"', ["focus_line", "没有这一文件"], id="a source that is not on file"),
    pytest.param("parameters.toml", 'evidence = "official"\n', "", ["focus_line", "“evidence”缺失"], id="a row without evidence"),
    pytest.param(
        "parameters.toml", 'evidence = "official"', 'evidence = "sure"', ["focus_line", "“sure”", "official、secondary、unverified"],
        id="an unknown evidence",
    ),
    pytest.param(
        LEVELS_2021, "in_force_to = 2023-07-03", "in_force_to = 2023-07-04", ["2021年版与2023年版", "重叠"], id="editions that overlap by a day"
    ),
    pytest.param(
        LEVELS_2021, "in_force_to = 2023-07-03", "in_force_to = 2023-07-02", ["2021年版与2023年版", "空档"], id="editions with a day between them"
    ),
    pytest.param(LEVELS_2021, "in_force_to = 2023-07-03\n", "", ["2021年版与2023年版", "重叠"], id="an earlier edition without an end"),
    pytest.param(LEVELS_2021, "in_force_to = 2023-07-03", "in_force_to = 2021-07-03", ["早于施行日期"], id="an edition that ends before it begins"),
    pytest.param(LEVELS_2023, "baseline = 940", "baseline = 804.999", ["calcium_carbide", "“baseline”为804.999，小于标杆水平805"], id="a baseline below the benchmark"),
    pytest.param(LEVELS_2023, "benchmark = -30\nbaseline = -10", "benchmark = -10\nbaseline = -30", ["converter", "小于标杆水平"], id="the same with negative figures"),
    pytest.param(LEVELS_2023, "benchmark = 805\n", "", ["calcium_carbide", "“benchmark”缺失"], id="a baseline without a benchmark"),
    pytest.param(LEVELS_2023, "benchmark = 805", "benchmark = inf", ["calcium_carbide", "“benchmark”写作inf"], id="infinity"),
    pytest.param(LEVELS_2023, "benchmark = 805", "benchmark = -inf", ["calcium_carbide", "“benchmark”写作-inf"], id="negative infinity"),
    pytest.param(LEVELS_2023, "baseline = 940", "baseline = nan", ["calcium_carbide", "“baseline”写作nan"], id="not a number"),
    pytest.param(LEVELS_2023, "baseline = 940", "baseline = 9.4e2", ["calcium_carbide", "“baseline”写作9.4e2"], id="an exponent"),
    pytest.param(LEVELS_2023, "baseline = 940", "baseline = 94E1", ["calcium_carbide", "“baseline”写作94E1"], id="an exponent without a point"),
    pytest.param(LEVELS_2023, "baseline = 13350", "baseline = 13_350", [LEVELS_2023, "13_350"], id="an underscore in a whole number"),
    pytest.param(LEVELS_2023, "baseline = 8.5", "baseline = 8.5_0", ["oil_refining", "8.5_0"], id="an underscore in a fraction"),
    pytest.param(LEVELS_2023, "baseline = 940", "baseline = 0x3ac", [LEVELS_2023, "0x3ac"], id="a hexadecimal figure"),
    pytest.param(LEVELS_2023, "baseline = 940", 'baseline = "940"', ["calcium_carbide", "“baseline”写作“940”，应为数值"], id="a figure written as text"),
    pytest.param(LEVELS_2023, "baseline = 940", "baseline = true", ["calcium_carbide", "“baseline”写作true"], id="a yes where a figure belongs"),
    pytest.param(LEVELS_2023, 'product = "电石"', "product = 7", ["calcium_carbide", "“product”写作7，应为文字"], id="a figure where text belongs"),
    pytest.param(LEVELS_2023, 'product = "电石"', 'product = " "', ["calcium_carbide", "“product”为空白"], id="a blank text"),
    pytest.param(LEVELS_2023, "national_target = 2025-12-31", "national_target = 2025-12-31T00:00:00", ["“national_target”", "不带时刻"], id="a moment where a day belongs"),
    pytest.param(LEVELS_2023, 'unit = "kWh/t"', 'unit = "kWh/kg"', ["electrolytic_aluminium", "“unit”写作“kWh/kg”"], id="a measure unit whose factor is not 1"),
    pytest.param(LEVELS_2023, 'unit = "kWh/t"', 'unit = "斤/吨"', ["electrolytic_aluminium", "“unit”写作“斤/吨”"], id="an unknown measure unit"),
    pytest.param(LEVELS_2023, 'id = "calcium_carbide"', 'id = "Calcium Carbide"', ["“id”写作“Calcium Carbide”"], id="an id that is not snake_case"),
    pytest.param(LEVELS_2023, 'id = "calcium_carbide"', 'id = "ferrosilicon"', ["“levels/2023/ferrosilicon”重复"], id="two rows with one id"),
    pytest.param(LEVELS_2023, 'product = "电石"', 'product = "碳化硅"', ["“calcium_carbide”在2021年版指“电石”，在2023年版指“碳化硅”"], id="an id that means another product in another edition"),
    pytest.param(LEVELS_2023, 'variant = "捣固焦炉"', 'variant = "顶装 焦炉"', ["产品“煤制焦炭”规格“顶装 焦炉”重复"], id="a product and variant twice, spelled with a space"),
    pytest.param("names.toml", '"碳化钙"', '"ＦｅＳｉ75"', ["“FeSi75”在“电石”与“硅铁”之间重复"], id="a synonym of two products, in another width"),
    pytest.param("names.toml", '"碳化钙"', '"硅铁"', ["“硅铁”", "重复"], id="a synonym that is another product's name"),
    pytest.param("names.toml", '"碳化钙"', '"电 石"', ["“电石”之内重复"], id="a synonym that is the name itself, folded"),
    pytest.param("names.toml", '"捣固",', '"顶装",', ["产品“煤制焦炭”的规格", "“顶装”"], id="a synonym of two variants"),
    pytest.param("names.toml", 'name = "硅铁"', 'name = "硅铁粉"', ["“硅铁粉”", "没有任何规则使用"], id="synonyms of a product that no rule has"),
    pytest.param("limits/gb.toml", '["calcium_carbide"]', '["calcium_carbid"]', ["gb_21343__calcium_carbide", "“calcium_carbid”"], id="a limit for an unknown level"),
    pytest.param("limits/gb.toml", '["calcium_carbide"]', '["electrolytic_aluminium"]', ["单位kgce/t与所对应的“electrolytic_aluminium”的单位kWh/t不同"], id="a limit for a level in another unit"),
    pytest.param("measures.toml", '"energy_law_54"', '"energy_law_540"', ["measures/retrofit_b", "“energy_law_540”"], id="a basis that is no clause on file"),
    pytest.param("measures.toml", '"法制审核"', '"审核"', ["“审核”", "没有这一步骤"], id="a step that is not on file"),
    pytest.param("measures.toml", '"gb_level3"', '"gb_level4"', ["“grounds”含有“gb_level4”"], id="an unknown ground"),
    pytest.param("dispositions.toml", 'findings = "only_emission"', 'findings = "other"', ["没有覆盖", "仅超标排放"], id="a case that no disposition decides"),
    pytest.param("energy/coefficients.toml", "coefficient = 0.7143", "coefficient = -0.7143", ["raw_coal", "应大于零"], id="a coefficient below zero"),
    pytest.param("energy/electricity.toml", "coefficient = 0.305", "coefficient = 0.5", ["equivalent", "不在0.2689至0.404之间"], id="a default outside of what is seen in use"),
    pytest.param("authority.toml", "in_force_to = 2023-05-31", "in_force_to = 2023-06-30", ["order_2016_44与order_2023_2", "重叠"], id="two review orders on one day"),
    pytest.param("authority.toml", "in_force_to = 2025-08-31", "in_force_to = 2025-07-31", ["order_2023_2与order_2025_31", "空档"], id="days without a review order"),
    pytest.param("regions.toml", 'parent = "150200"', 'parent = "150999"', ["“150999”", "没有这一区划"], id="a banner under an unknown league"),
    pytest.param("offices.toml", 'mark = "包发改"', 'mark = "呼发改"', ["机关代字", "“呼发改”"], id="two offices with one mark"),
    pytest.param("offices.toml", 'RETROFIT = "改"', 'RETROFIT = "停"', ["文号用字", "“停”"], id="two kinds of letter with one word in numbers"),
    pytest.param("offices.toml", "{序号}", "", ["number_pattern", "{序号}"], id="document numbers without the number"),
    pytest.param("catalogue.toml", '"电石法 糊用型"]', '"电石法 糊状"]', ["catalogue/pvc_carbide_route", "“电石法 糊状”"], id="a catalogue row for an unknown variant"),
    pytest.param("documents.toml", 'id = "energy_law"', 'id = "licence_law"', ["“licence_law”重复"], id="two documents with one id"),
    pytest.param("documents.toml", 'seen = "题名和日期见于转载"', 'seen = "https://example.org/1"', ["“seen”含有网址"], id="an address of a site"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "told"), FAULTS)
def test_a_fault_is_refused(folder: Path, file: str, old: str, new: str, told: list[str]) -> None:
    spoil(folder, file, old, new)

    found = problems(folder)

    assert any(all(part in problem for part in told) for problem in found), "\n".join(found)


def test_all_faults_are_told_at_once(folder: Path) -> None:
    spoil(folder, LEVELS_2023, "baseline = 940", "baseline = nan")
    spoil(folder, "parameters.toml", 'evidence = "official"\n', "")
    spoil(folder, "regions.toml", 'level = "league"', 'level = "city"')
    spoil(folder, "authority.toml", "exempt_gwh = 5", 'exempt_gwh = "5"')

    found = problems(folder)

    for file in (LEVELS_2023, "parameters.toml", "regions.toml", "authority.toml"):
        assert any(problem.startswith(f"{file}：") for problem in found), found


def test_a_second_figure_of_a_day_is_refused(folder: Path) -> None:
    row = (
        '\nid = "focus_line"\namount = 60000\nin_force_from = 2026-01-01\nsource = "program"\nevidence = "unverified"\n'
    )
    add(folder, "parameters.toml", "[[parameter]]" + row)

    assert any("focus_line" in problem and "重叠" in problem for problem in problems(folder))


def test_a_figure_that_follows_another_is_read(folder: Path) -> None:
    spoil(folder, "parameters.toml", 'id = "focus_line"\n', 'id = "focus_line"\nin_force_to = 2025-12-31\n')
    row = (
        '\nid = "focus_line"\namount = 60000\nin_force_from = 2026-01-01\nsource = "program"\nevidence = "unverified"\n'
    )
    add(folder, "parameters.toml", "[[parameter]]" + row)

    assert len([p for p in rulebook.load(folder).parameters if p.id == "focus_line"]) == 2


def test_a_file_that_is_no_toml_is_named(folder: Path) -> None:
    add(folder, "clauses.toml", "[[clause]\n")

    assert any("clauses.toml" in problem and "不是正确的TOML" in problem for problem in problems(folder))


def test_a_file_in_another_encoding_is_named(folder: Path) -> None:
    path = folder / "clauses.toml"
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))

    assert any("clauses.toml" in problem and "UTF-8" in problem for problem in problems(folder))


def test_a_folder_without_rules_is_refused(tmp_path: Path) -> None:
    assert "没有规则文件" in problems(tmp_path)[0]


def test_a_table_of_decisions_in_two_files_is_refused(folder: Path) -> None:
    (folder / "more.toml").write_text(
        '[[disposition]]\nid = "x"\nfindings = "any"\ndisposition = "MANUAL"\ntext = "…"\n'
        'source = "program"\nevidence = "unverified"\n',
        encoding="utf-8",
    )

    assert any("[[disposition]]" in problem and "一个文件" in problem for problem in problems(folder))


def test_an_edition_without_rows_counts_as_missing(folder: Path) -> None:
    (folder / LEVELS_2021).unlink()
    (folder / LEVELS_2023).unlink()

    assert any("没有任何能效水平版本" in problem for problem in problems(folder))
