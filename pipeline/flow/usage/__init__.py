"""Learns from an operator's own traffic: imports it, fits the workload table, asks a person to approve it."""
