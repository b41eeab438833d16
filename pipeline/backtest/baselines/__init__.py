"""Simulates the simple policies that people really use, for comparison."""
