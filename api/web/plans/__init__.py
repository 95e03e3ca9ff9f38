"""Schedules: their list, one with its parts and what may be done now, and what differs between versions."""
