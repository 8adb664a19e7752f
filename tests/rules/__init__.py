"""Tests of the rules on file and of the reader that refuses bad ones."""
