"""The bench: figures as ratios, printed and written to bench.json."""
