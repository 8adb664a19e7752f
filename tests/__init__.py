"""The tests, by chapter; `tests/cases` holds the worked examples."""
