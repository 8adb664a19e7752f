"""Which letter a measure calls for: its closed data, and the letter as composed from nothing else."""

from screening.domain.letters.inputs import (
    HARMFUL,
    LONGEST_FREE,
    Countersigned,
    FreeParagraph,
    FreePlace,
    LetterFinding,
    LetterInputs,
    LetterKind,
    LetterUnit,
    Office,
    Provision,
    Remedies,
)
from screening.domain.letters.letter import Attachment, Letter, Level, Paragraph, Style, Table
from screening.domain.letters.making import (
    inputs_from,
    number_of,
    office_of,
    organ_referred_to,
    place_of,
    provisions,
    unit_words,
    what_is_missing,
)
from screening.domain.letters.texts import compose

__all__ = [
    "HARMFUL",
    "LONGEST_FREE",
    "Attachment",
    "Countersigned",
    "FreeParagraph",
    "FreePlace",
    "Letter",
    "LetterFinding",
    "LetterInputs",
    "LetterKind",
    "LetterUnit",
    "Level",
    "Office",
    "Paragraph",
    "Provision",
    "Remedies",
    "Style",
    "Table",
    "compose",
    "inputs_from",
    "number_of",
    "office_of",
    "organ_referred_to",
    "place_of",
    "provisions",
    "unit_words",
    "what_is_missing",
]
