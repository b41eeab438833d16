"""Joins a week's readings with the judgements: measures, offers, profiles, open names."""
