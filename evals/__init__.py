"""Cases, scorers and statistics: how good each part is, and whether a change made it better."""
