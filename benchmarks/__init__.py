"""How fast the models are, next to what a user would reach for instead."""
