"""The forms: many to one."""
