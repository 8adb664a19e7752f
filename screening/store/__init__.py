"""SQL lives here and nowhere else: the engine, the tables, and the queries of each chapter."""
