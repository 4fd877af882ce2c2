"""How the classifier of operations is fitted: phrases, examples made of them, cross-validation.

`python -m agent.language.training score` prints how well the grammar alone and both together read
phrases that neither has seen; `python -m agent.language.training fit` writes the weights.
"""
