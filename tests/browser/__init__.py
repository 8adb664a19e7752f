"""The pages in a real browser: the main journey, and the pictures of `make shots`."""
