"""What people reach for first: a scikit-learn classifier, a row of `zoo compare`."""

from typing import Any


def bigrams_svm() -> Any:
    """TF-IDF of words and pairs of words, and a linear support vector machine."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    return make_pipeline(vectorizer, LinearSVC(random_state=0))


BASELINES = {"TF-IDF bigrams + SVM": bigrams_svm}
