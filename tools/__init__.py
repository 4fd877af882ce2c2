"""What the language model can call: plain domain packages, usable with no language model."""
