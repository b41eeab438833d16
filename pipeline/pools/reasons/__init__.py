"""Explains a selection: reasons of changes, guardrail findings, reports, vendor outages."""
