"""The SavedModel: signatures, what belongs to it, and its checks."""
