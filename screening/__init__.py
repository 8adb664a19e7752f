"""The two-high (两高) project ledger of a development commission: register, screen, decide, write, watch."""
