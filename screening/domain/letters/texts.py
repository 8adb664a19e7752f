"""The words of each letter, composed from its closed data alone."""

from __future__ import annotations

from screening.domain.errors import Refusal
from screening.domain.letters.inputs import LetterInputs
from screening.domain.letters.letter import Letter


def compose(inputs: LetterInputs) -> Letter:
    """The letter that `inputs` calls for; refuses, naming the value, where one is missing.

    Pure: the same data give the same letter. A draft (no number, no day, or `missing` sentences) is composed too,
    with blanks for number and day and the watermark 草稿.
    """
    raise Refusal(f"{inputs.kind.words}尚无文本。")
