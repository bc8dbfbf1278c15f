"""Figures, each with its name and its interval."""
