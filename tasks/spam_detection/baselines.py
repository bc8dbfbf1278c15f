"""What people reach for first: scikit-learn's classifiers, rows of `zoo compare`."""

from typing import Any


def naive_bayes() -> Any:
    """Word counts and multinomial naive Bayes."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import make_pipeline

    return make_pipeline(CountVectorizer(), MultinomialNB())


def words_svm() -> Any:
    """TF-IDF of words and a linear support vector machine."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    return make_pipeline(TfidfVectorizer(), LinearSVC(random_state=0))


def characters_svm() -> Any:
    """TF-IDF of 2 to 5 characters and a linear support vector machine."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(2, 5))
    return make_pipeline(vectorizer, LinearSVC(random_state=0))


BASELINES = {
    "naive Bayes, words": naive_bayes,
    "TF-IDF words + SVM": words_svm,
    "TF-IDF characters + SVM": characters_svm,
}
