"""Training that can be repeated, killed and resumed."""
