"""Next-item models on browsing sessions, and the ranker that blends them with text.

- `data`: sessions as arrays, the file layout, vocabulary.
- `protocol`: what every model offers; `registry`: names to models; `storage`: files with digests.
- `counting`, `neighbours`: models that only count (popularity, rules, item-kNN, V-SKNN).
- `text`: items as vectors, and the recency-weighted text score over the whole catalogue.
- `hybrid`: one ranker over all of them; `rerank`: the paper's rule.
- `metrics`, `evaluate`: Recall@k, MRR@k and the rest, with intervals.
- `neural`: the models in torch.
"""
