"""From files of sessions to a data set with pictures: pages, readings, summaries.

- `pages`: an item's own page in one of several layouts; `build`: rendering, reading, summing up.
"""
