"""Comparisons, and the numbers in the cards."""
