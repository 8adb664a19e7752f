"""The letters: their words, their page, their bytes."""
