"""The roads from a task's data to its shipped model."""
