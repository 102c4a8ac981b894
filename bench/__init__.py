"""Jalon's costs as ratios against lower bounds measured in the same run: see docs/benchmarks.md."""
