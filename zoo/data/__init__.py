"""Data sets: sources, mirror, files, splits and batches."""
