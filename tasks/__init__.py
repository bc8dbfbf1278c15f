"""The tasks: each folder holds what is particular to one."""
