import numpy as np

from zoo.metrics.caption_baselines import most_frequent, nearest


def test_the_most_frequent_caption():
    captions = [("A dog .", "A cat ."), ("A cat .", "A bird ."), ("A dog .", "Two birds .")]
    assert most_frequent(captions) == "A dog ."


def test_the_caption_of_the_most_similar_photo():
    random = np.random.default_rng(0)
    known = random.normal(size=(7, 5)).astype(np.float16)
    captions = [(f"It is {n} .", "It is something .") for n in range(7)]
    features = random.normal(size=(4, 5)) * [[0.01], [1], [100], [0]]
    features[1] = 3 * known[5]
    expected = []
    for row in features:
        cosines = [row @ k / (np.linalg.norm(row) * np.linalg.norm(k) + 1e-9) for k in known]
        expected.append(captions[int(np.argmax(cosines))][0])
    assert nearest(features, known, captions) == expected
    assert expected[1] == "It is 5 ."
