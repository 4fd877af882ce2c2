"""Prompt texts as versioned data files, and their one loader."""

from prompts.loader import Prompt, available, load

__all__ = ["Prompt", "available", "load"]
