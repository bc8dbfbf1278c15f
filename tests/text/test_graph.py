"""The text steps together, as they are exported."""

import importlib
import sys

import pytest
import tensorflow as tf

from zoo.text.clean import clean, truncate
from zoo.text.detokenize import Detokenizer
from zoo.text.ngrams import char_ngrams
from zoo.text.wordpiece import WordPiece


class Chain(tf.Module):
    def __init__(self, vocabulary):
        super().__init__()
        self.wordpiece = WordPiece(vocabulary)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    def encode(self, text):
        tokens = self.wordpiece(truncate(clean(text), 2000))
        ngrams = char_ngrams(tokens, 3, 6, 1 << 17)
        return {
            "ids": tokens.ids.to_tensor(),
            "pieces": tokens.pieces.to_tensor(),
            "word_starts": tokens.word_starts.to_tensor(),
            "ngrams": ngrams.ids,
            "ngram_tokens": ngrams.tokens,
        }


class ThereAndBack(tf.Module):
    def __init__(self, vocabulary):
        super().__init__()
        self.wordpiece = WordPiece(vocabulary, spaced=True)
        self.detokenizer = Detokenizer(vocabulary)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    def encode(self, text):
        ids = self.wordpiece(clean(text)).ids.to_tensor()
        return {"ids": ids, "text": self.detokenizer(ids)}


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "spaced"])
def chain(request, vocabulary, spaced_vocabulary):
    return ThereAndBack(spaced_vocabulary) if request.param else Chain(vocabulary)


def operations(function):
    graph = function.get_concrete_function().graph.as_graph_def()
    nodes = [*graph.node, *(node for f in graph.library.function for node in f.node_def)]
    return {node.op for node in nodes}


def test_operations_are_of_the_core(chain):
    names = operations(chain.encode)
    assert {"UnicodeTranscode", "StaticRegexReplace", "LookupTableFindV2"} <= names
    assert all(hasattr(tf.raw_ops, name) for name in names)
    assert not [name for name in names if "PyFunc" in name or name.startswith("Xla")]


@pytest.mark.parametrize(
    "texts",
    [[], [b""], [b"call now"], [b"\xff\x00c0mpl1mentary", b"", "prize £5 你好".encode() * 3]],
)
def test_a_saved_model_gives_the_same(chain, tmp_path, texts):
    tf.saved_model.save(chain, tmp_path)
    loaded = tf.saved_model.load(tmp_path)
    text = tf.constant(texts, tf.string, shape=[len(texts)])
    for name, value in chain.encode(text).items():
        assert loaded.encode(text)[name].numpy().tolist() == value.numpy().tolist()


def test_the_graph_needs_no_tokenizers_library(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("zoo.text")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    module = importlib.import_module("zoo.text.wordpiece")
    tokens = module.WordPiece(["[PAD]", "[UNK]", "a"])(tf.constant(["a b"]))
    assert tokens.ids.to_list() == [[2, 1]]
