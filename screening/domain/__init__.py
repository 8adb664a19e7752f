"""The law: pure functions over frozen facts; no framework, database, file or clock."""
