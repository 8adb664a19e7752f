"""The colours of the sheet can be read: WCAG 2.2 AA, computed from the sheet itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SHEET = (Path(__file__).parent.parent.parent / "screening/static/screening.css").read_text()
TOKENS = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", SHEET))
TEXT = 4.5
MARKS = 3.0


def luminance(colour: str) -> float:
    """The relative luminance of a colour, as WCAG defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21."""
    light, dark = sorted((luminance(TOKENS.get(one, one)), luminance(TOKENS.get(other, other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def colour_of(rule: str) -> tuple[str, str]:
    """The text colour and background of a rule of the sheet."""
    found = re.search(
        rf"^\.{rule} {{ color: (#\w{{6}}|var\(--[\w-]+\)); background: var\(--([\w-]+)\)", SHEET, re.MULTILINE
    )
    assert found, rule
    return found[1].removeprefix("var(--").removesuffix(")"), found[2]


@pytest.mark.parametrize("ground", ["ground", "surface", "accent-tint", "warn-tint", "at-tint", "harm-tint"])
@pytest.mark.parametrize("ink", ["ink", "ink-2"])
def test_text_can_be_read_on_every_ground(ink: str, ground: str) -> None:
    assert contrast(ink, ground) >= TEXT


@pytest.mark.parametrize(
    ("ink", "ground"),
    [("accent", "surface"), ("accent", "ground"), ("#ffffff", "accent"), ("harm", "surface"), ("#92190f", "surface"),
     ("warn", "surface"), ("#12602a", "surface"), ("accent-dark", "accent-tint"), ("ink", "#e4e8ec"), ("accent", "#e4e8ec"),
     ("ink-2", "#e4e8ec")],
)  # fmt: skip
def test_links_buttons_and_marks_of_evidence_can_be_read(ink: str, ground: str) -> None:
    assert contrast(ink, ground) >= TEXT


@pytest.mark.parametrize("kind", ["c-at", "c-between", "c-below", "c-uncovered", "c-unknown"])
def test_the_badge_of_a_class_can_be_read(kind: str) -> None:
    assert contrast(*colour_of(kind)) >= TEXT


@pytest.mark.parametrize("border", ["#8794a1"])
def test_a_box_stands_out_from_its_ground(border: str) -> None:
    assert border in SHEET
    assert contrast(border, "surface") >= MARKS
