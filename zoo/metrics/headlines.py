"""The figures that a task can be judged by."""

HEADLINES = {
    "mcc": "MCC",
    "accuracy": "accuracy",
    "bleu": "BLEU",
    "bleu_4": "BLEU-4",
    "bleu_1": "BLEU-1",
    "distinct_2": "distinct-2",
}
"""By name in `facts.json`: what they are called in a table."""
