"""Chapter 2, the screening: class, energy, focus line, findings, proposed disposition and measures, with reasons."""

from __future__ import annotations

from screening.domain.classification.results import (
    PROPOSABLE,
    Basis,
    CarrierTotal,
    Disposition,
    EfficiencyClass,
    Energy,
    Finding,
    FindingId,
    GbVerdict,
    Hint,
    Measure,
    Screening,
    UnitVerdict,
    overrides,
)
from screening.domain.classification.screening import doubtful, screen, to_document

__all__ = [
    "PROPOSABLE",
    "Basis",
    "CarrierTotal",
    "Disposition",
    "EfficiencyClass",
    "Energy",
    "Finding",
    "FindingId",
    "GbVerdict",
    "Hint",
    "Measure",
    "Screening",
    "UnitVerdict",
    "doubtful",
    "overrides",
    "screen",
    "to_document",
]
