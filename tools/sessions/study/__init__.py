"""The paper's study on any data in the layout: figures 11 to 15 of arXiv 2403.00822, and more.

- `plan`: what is run, cell by cell, resumable; `variants`: the ways of ranking within a cell.
- `report`: figures with intervals from the cells; `plots`: the same drawn.
"""
