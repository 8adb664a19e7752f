"""Tests about the house itself: words, layers, files, packaging, documentation."""
