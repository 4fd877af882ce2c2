"""Prompt evaluation: cases, scorers, statistics, runner."""
