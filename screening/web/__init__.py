"""The pages: one module of views and forms per chapter of the process, behind guarded doors."""
