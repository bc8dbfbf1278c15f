"""Each promise of the serving contract, kept and broken."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from zoo.errors import UserError
from zoo.export.graph_checks import check_graph
from zoo.export.signature_checks import check_signatures
from zoo.export.signatures import read_saved_model
from zoo.export.verify import verify

DATA = "variables/variables.data-00000-of-00001"
EXTRA = Path("assets.extra")


def failed(report):
    return {check.name for check in report.checks if check.ok is False}


def detail(report, name):
    return next(check.detail for check in report.checks if check.name == name)


@pytest.fixture(scope="module")
def report(artefact):
    return verify(artefact)


def test_a_good_artefact_passes_every_check(report):
    assert [check for check in report.checks if not check.ok] == []
    assert report.ok


def test_a_report_is_json(report, artefact):
    document = json.loads(json.dumps(report.to_json()))
    assert document["saved_model"] == str(artefact)
    assert document["ok"] is True
    assert set(document["checks"][0]) == {"name", "ok", "detail"}


def test_no_folder_is_the_users_mistake(tmp_path):
    with pytest.raises(UserError, match="is no folder: give"):
        verify(tmp_path / "nowhere")


# Files.


def remove(name):
    def change(path):
        file = path / name
        shutil.rmtree(file) if file.is_dir() else file.unlink()

    return change


def truncate(name):
    def change(path):
        data = (path / name).read_bytes()
        (path / name).write_bytes(data[: len(data) // 2])

    return change


def edit_golden(edit):
    def change(path):
        file = path / EXTRA / "golden.json"
        document = json.loads(file.read_text())
        edit({request["signature"]: request for request in document["requests"]}, document)
        file.write_text(json.dumps(document))

    return change


@edit_golden
def unknown_signature(by_name, document):
    by_name["explain"]["signature"] = "explian"


@edit_golden
def missing_input(by_name, document):
    del by_name["sample"]["inputs"]["seed"]


@edit_golden
def ragged_input(by_name, document):
    by_name["explain"]["outputs"]["tokens"][0] = ["a"]


@edit_golden
def number_for_text(by_name, document):
    by_name["explain"]["inputs"]["text"] = [1, 2, 3]


@edit_golden
def no_requests(by_name, document):
    document["requests"] = []


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (remove("saved_model.pb"), "saved_model.pb"),
        (truncate("saved_model.pb"), "saved_model.pb"),
        (remove("variables"), "variables"),
        (remove(DATA), "variables"),
        (truncate(DATA), "variables"),
        (truncate("variables/variables.index"), "variables"),
    ],
)
def test_a_damaged_file_fails_its_check_alone(copied, change, name):
    change(copied)
    report = verify(copied)
    assert failed(report) == {name}
    assert not report.ok
    assert any(check.ok is None for check in report.checks)


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (remove(EXTRA / "facts.json"), {"documents"}),
        (truncate(EXTRA / "golden.json"), {"documents", "golden.json"}),
        (unknown_signature, {"golden.json"}),
        (missing_input, {"golden.json"}),
        (ragged_input, {"golden.json"}),
        (number_for_text, {"golden.json"}),
        (no_requests, {"golden.json"}),
        (remove(EXTRA / "tf_serving_warmup_requests"), {"warm-up"}),
        (truncate(EXTRA / "tf_serving_warmup_requests"), {"warm-up"}),
    ],
)
def test_a_damaged_document_fails_its_check(copied, change, names, monkeypatch):
    change(copied)
    # The model itself is whole and need not be run again.
    monkeypatch.setattr("zoo.export.verify._behaviour", lambda *_: [])
    assert failed(verify(copied)) == names


def too_many(path, warmup):
    warmup(path, [("serving_default", {"text": [b"a"]})] * 1001)


def none_at_all(path, warmup):
    warmup(path, [])


def another_kind(path, warmup):
    from tensorflow_serving.apis import prediction_log_pb2

    log = prediction_log_pb2.PredictionLog()
    log.session_run_log.SetInParent()
    with tf.io.TFRecordWriter(str(path / EXTRA / "tf_serving_warmup_requests")) as writer:
        writer.write(log.SerializeToString())


@pytest.mark.parametrize("change", [too_many, none_at_all, another_kind])
def test_a_bad_warmup_file_fails_its_check(copied, change, warmup, monkeypatch):
    change(copied, warmup)
    monkeypatch.setattr("zoo.export.verify._behaviour", lambda *_: [])
    assert failed(verify(copied)) == {"warm-up"}


# The graph and its signatures, broken by editing the file.


def node(op, **fields):
    def change(graph):
        graph.graph_def.library.function[0].node_def.add(name="added", op=op, **fields)

    return change


def constant(text):
    def change(graph):
        added = graph.graph_def.node.add(name="added", op="Const")
        added.attr["value"].tensor.string_val.append(text.encode())

    return change


def compiled_node(graph):
    graph.graph_def.node[0].attr["_XlaMustCompile"].b = True


def compiled_function(graph):
    graph.graph_def.library.function[0].attr["_XlaMustCompile"].b = True


def rename(signature, kind, old, new):
    def change(graph):
        table = getattr(graph.signature_def[signature], kind)
        table[new].CopyFrom(table[old])
        del table[old]

    return change


def reshape(signature, sizes):
    def change(graph):
        shape = graph.signature_def[signature].outputs["spam_probability"].tensor_shape
        shape.Clear()
        if sizes is None:
            shape.unknown_rank = True
        for size in sizes or []:
            shape.dim.add(size=size)

    return change


def half(graph):
    output = graph.signature_def["serving_default"].outputs["spam_probability"]
    output.dtype = tf.float16.as_datatype_enum


def composite(graph):
    info = graph.signature_def["explain"].inputs["text"]
    info.coo_sparse.values_tensor_name = "x:0"


def without_default(graph):
    del graph.signature_def["serving_default"]


def without_outputs(graph):
    graph.signature_def["explain"].outputs.clear()


def declared_classify(graph):
    graph.signature_def["explain"].method_name = "tensorflow/serving/classify"


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (node("PyFunc"), "foreign operations"),
        (node("EagerPyFunc"), "foreign operations"),
        (node("CudnnRNNV3"), "foreign operations"),
        (node("Addons>GeluV2"), "foreign operations"),
        (node("TFText>SplitMergeTokenize"), "foreign operations"),
        (node("SentencepieceTokenizeOp"), "foreign operations"),
        (node("RandomUniform"), "stateful randomness"),
        (node("NoOp", device="/job:localhost/device:GPU:0"), "devices"),
        (constant("/home/somebody/vocabulary.txt"), "local paths"),
        (constant(f"{Path(__file__).parents[2]}/vocabulary.txt"), "local paths"),
        (compiled_node, "XLA"),
        (compiled_function, "XLA"),
        (without_default, "serving_default"),
        (without_outputs, "names"),
        (composite, "names"),
        (rename("explain", "outputs", "tokens", "output_0"), "names"),
        (rename("explain", "inputs", "text", "Text/x"), "names"),
        (rename("classify", "inputs", "inputs", "text"), "classify"),
        (rename("classify", "outputs", "scores", "score"), "classify"),
        (declared_classify, "classify"),
        (reshape("serving_default", []), "batch first"),
        (reshape("serving_default", [4]), "batch first"),
        (reshape("serving_default", None), "batch first"),
        (half, "JSON types"),
    ],
)
def test_a_bad_graph_fails_its_check_alone(copied, change, name):
    file = copied / "saved_model.pb"
    proto = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    change(proto.meta_graphs[0])
    file.write_bytes(proto.SerializeToString())
    saved_model = read_saved_model(copied)
    checks = check_signatures(saved_model) + check_graph(saved_model)
    assert {check.name for check in checks if not check.ok} == {name}


def test_a_model_without_the_tag_is_not_served(copied):
    file = copied / "saved_model.pb"
    proto = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    proto.meta_graphs[0].meta_info_def.tags[:] = ["train"]
    file.write_bytes(proto.SerializeToString())
    assert failed(verify(copied)) == {"tag"}


# Behaviour.


def broken(classifier, answer):
    """The classifier with another answer from `serving_default`, its one signature."""

    def signatures(self):
        return {"serving_default": classifier.signatures(self)["serving_default"]}

    return type("Broken", (classifier,), {"answer": answer, "signatures": signatures})()


def calls_python(self, text):
    same = tf.py_function(lambda x: x, [self.probability(text)], tf.float32)
    return {"spam_probability": tf.ensure_shape(same, [None])}


def random(self, text):
    return {"spam_probability": self.probability(text) + tf.random.uniform(tf.shape(text))}


def counts_calls(self, text):
    if not hasattr(self, "count"):
        self.count = tf.Variable(0.0)
    return {"spam_probability": self.probability(text) + self.count.assign_add(1.0)}


def scalar(self, text):
    return {
        "spam_probability": self.probability(text),
        "size": tf.reduce_sum(tf.ones_like(text, tf.int32)),
    }


def copies_bytes(self, text):
    return {"label": text, "spam_probability": self.probability(text)}


def divides(self, text):
    length = tf.cast(tf.strings.length(text), tf.float32)
    return {"spam_probability": self.probability(text) / length}


def aborts_on_nothing(self, text):
    def abort():
        with tf.control_dependencies([tf.raw_ops.Abort(error_msg="no rows")]):
            return tf.zeros([0])

    return {
        "spam_probability": tf.cond(
            tf.equal(tf.size(text), 0), abort, lambda: self.probability(text)
        )
    }


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        # The C library has no Python to call.
        (
            calls_python,
            {
                "foreign operations",
                "golden",
                "repeatable",
                "batch invariance",
                "odd texts",
                "warm-up",
            },
        ),
        (counts_calls, {"golden", "repeatable", "batch invariance"}),
        (scalar, {"batch first", "batch invariance", "empty batch"}),
        (divides, {"odd texts"}),
        (aborts_on_nothing, {"empty batch"}),
    ],
)
def test_a_badly_behaved_model_fails_its_checks(classifier, write, tmp_path, answer, names):
    report = verify(write(broken(classifier, answer), tmp_path / "1"))
    assert failed(report) == names


def test_a_model_that_draws_without_a_seed_fails(classifier, write, tmp_path):
    report = verify(write(broken(classifier, random), tmp_path / "1"))
    # Whether the first draw is the golden one depends on the seeds of this process.
    assert failed(report) - {"golden"} == {"stateful randomness", "repeatable", "batch invariance"}


def test_an_answer_that_depends_on_padding_fails(classifier, write, tmp_path):
    unmasked = type("Unmasked", (classifier,), {"kept": lambda self, mask: tf.ones_like(mask)})
    report = verify(write(unmasked(), tmp_path / "1"))
    assert failed(report) == {"batch invariance"}
    assert "spam_probability" in detail(report, "batch invariance")


def test_bytes_that_are_no_text_need_a_name_that_says_so(classifier, write, tmp_path):
    report = verify(write(broken(classifier, copies_bytes), tmp_path / "1"))
    assert failed(report) == {"binary names", "odd texts"}
    assert "label of serving_default is no UTF-8" in detail(report, "binary names")
    assert "invalid UTF-8: label is no valid UTF-8" in detail(report, "odd texts")


def test_an_operation_unknown_to_the_library_fails(copied):
    file = copied / "saved_model.pb"
    proto = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    node("NoSuchOp")(proto.meta_graphs[0])
    file.write_bytes(proto.SerializeToString())
    report = verify(copied)
    assert "core operations" in failed(report)
    assert detail(report, "core operations") == "NoSuchOp"


def test_wrong_requests_are_told_apart(copied, warmup):
    @edit_golden
    def change(by_name, document):
        by_name["serving_default"]["outputs"]["label"][1] = "neither"
        by_name["sample"]["outputs"]["spam_probability"][0] += 1e-2
        document["requests"].remove(by_name["explain"])

    change(copied)
    warmup(
        copied,
        [
            ("serving_default", {"text": [b"fine"]}),
            ("greedy", {"text": [b"a"]}),
            ("explain", {"source": [b"a"]}),
            ("explain", {"text": np.array([1.0], "float32")}),
        ],
    )
    report = verify(copied)
    assert failed(report) == {"golden", "warm-up"}
    golden, records = detail(report, "golden"), detail(report, "warm-up")
    assert "label[1]" in golden and "expected 'neither'" in golden
    assert "spam_probability[0]" in golden
    assert "signature explain has no golden request" in golden
    assert "record 0" not in records
    assert "record 1 (greedy): the model has no signature greedy" in records
    assert "record 2 (explain): explain takes the inputs text, got source" in records
    assert "record 3 (explain): " in records
