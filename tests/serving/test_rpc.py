"""TensorFlow Serving's own cases for its gRPC API, with the official stubs."""

import grpc
import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    inference_pb2,
    input_pb2,
    model_pb2,
    predict_pb2,
    regression_pb2,
)

MISSING = grpc.StatusCode.NOT_FOUND
INVALID = grpc.StatusCode.INVALID_ARGUMENT
FAILED = grpc.StatusCode.FAILED_PRECONDITION


def spec(name="half_plus_two", signature="", **choice):
    made = model_pb2.ModelSpec(name=name, signature_name=signature)
    if "version" in choice:
        made.version.value = choice["version"]
    if "label" in choice:
        made.version_label = choice["label"]
    return made


STABLE = {"label": "stable"}


def predict(server, inputs, model_spec=None, **more):
    return server.prediction.Predict(
        predict_pb2.PredictRequest(
            model_spec=model_spec or spec(**STABLE),
            inputs={name: tf.make_tensor_proto(value) for name, value in inputs.items()},
            **more,
        ),
        timeout=20,
    )


def examples(*xs):
    return input_pb2.Input(example_list=input_pb2.ExampleList(examples=[example(x) for x in xs]))


def example(x):
    feature = tf.train.Feature(float_list=tf.train.FloatList(value=[x]))
    return tf.train.Example(features=tf.train.Features(feature={"x": feature}))


def refusal(call, *args, **kwargs):
    with pytest.raises(grpc.RpcError) as error:
        call(*args, **kwargs)
    return error.value.code(), error.value.details()


def test_predict(server):
    answer = predict(server, {"x": np.float32([2.0])})
    assert list(answer.outputs["y"].float_val) == [3.0]  # its field, and not its bytes
    assert answer.model_spec.version.value == 123
    assert answer.model_spec.signature_name == "serving_default"
    latest = predict(server, {"x": np.float32([2.0, 4.0])}, spec())
    assert list(latest.outputs["y"].float_val) == [4.0, 5.0]
    assert latest.model_spec.version.value == 124


def test_every_type_goes_through(server):
    many = {
        "int_tensor": np.int32([[1, -2]]),
        "str_tensor": [b"caf\xe9", b"\x00"],
        "float_tensor": np.float32([np.nan, np.inf]),
        "dbl_tensor": np.float64([[1e300]]),
    }
    answer = predict(server, many, spec(signature="many", **STABLE))
    for name, value in many.items():
        got = tf.make_ndarray(answer.outputs[name])
        np.testing.assert_array_equal(got, np.array(value, got.dtype))
    half = predict(server, {"x": np.float32([1.5])}, spec(signature="complex", **STABLE))
    assert tf.make_ndarray(half.outputs["y"]).tolist() == [1.5 + 0j]


def test_an_output_filter(server):
    def ask(*outputs):
        chosen = spec(signature="uneven", **STABLE)
        return predict(server, {"x": np.float32([1])}, chosen, output_filter=outputs)

    assert set(ask("b").outputs) == {"b"}
    assert set(ask().outputs) == {"a", "b"}
    code, message = refusal(ask, "c")
    assert code is INVALID
    assert message == (
        "output tensor alias not found in signature: c Outputs expected to be in the set {a,b}."
    )
    assert refusal(ask, "a", "a") == (INVALID, "duplicate output tensor alias: a")


@pytest.mark.parametrize(
    ("model_spec", "inputs", "code", "message"),
    [
        (spec("foo"), {}, MISSING, "Servable not found for request: Latest(foo)"),
        (spec(version=9), {}, MISSING,
         "Servable not found for request: Specific(half_plus_two, 9)"),
        (spec(label="x"), {}, INVALID, "Unrecognized servable version label: x"),
        (spec(""), {}, INVALID, "ModelSpec has no name specified."),
        (spec(signature="x"), {}, FAILED, 'Serving signature key "x" not found.'),
        (spec(), {}, INVALID, "input size does not match signature: 0!=1 len({}) != len({x})."
         " Sent extra: {}. Missing but required: {x}."),
        (spec(), {"x": ["a"]}, INVALID, "Expects arg[0] to be float but string is provided"),
        (spec(), {"x": np.int64([1])}, INVALID, "Expects arg[0] to be float but int64 is provided"),
    ],
)  # fmt: skip
def test_bad_requests(server, model_spec, inputs, code, message):
    assert refusal(predict, server, inputs, model_spec) == (code, message)


def test_a_tensor_that_declares_more_than_it_has_is_refused(server):
    request = predict_pb2.PredictRequest(model_spec=spec())
    tensor = request.inputs["x"]
    tensor.dtype = 1
    tensor.float_val.append(1.0)
    for sizes, said in (
        ([2**40], "rows"),
        ([64, 2**40], "too large"),
        ([-1], "has the shape"),
        ([0, 2**40], "malformed"),
    ):
        del tensor.tensor_shape.dim[:]
        for size in sizes:
            tensor.tensor_shape.dim.add(size=size)
        code, message = refusal(server.prediction.Predict, request, timeout=20)
        assert code is INVALID
        assert said in message


def test_tensors_that_declare_more_together_are_refused(server):
    request = predict_pb2.PredictRequest(model_spec=spec())
    for number in range(3):
        tensor = request.inputs[f"x{number}"]
        tensor.dtype = tf.float64.as_datatype_enum
        tensor.double_val.append(1.0)
        for size in (64, 8000):  # 4 MB, and a body has 1
            tensor.tensor_shape.dim.add(size=size)
    code, message = refusal(server.prediction.Predict, request, timeout=20)
    assert code is INVALID
    assert message.endswith("has the shape [64, 8000], which is too large")


def test_classify_regress_and_both(server):
    classify, regress = spec(signature="classify_x_to_y"), spec(signature="regress_x_to_y")
    answer = server.prediction.Classify(
        classification_pb2.ClassificationRequest(model_spec=classify, input=examples(2.0))
    )
    [[found]] = [row.classes for row in answer.result.classifications]
    assert (found.label, found.score) == ("", 4.0)
    answer = server.prediction.Regress(
        regression_pb2.RegressionRequest(model_spec=regress, input=examples(2.0, 4.0))
    )
    assert [row.value for row in answer.result.regressions] == [4.0, 5.0]
    assert answer.model_spec.signature_name == "regress_x_to_y"
    both = server.prediction.MultiInference(
        inference_pb2.MultiInferenceRequest(
            tasks=[
                inference_pb2.InferenceTask(
                    model_spec=regress, method_name="tensorflow/serving/regress"
                ),
                inference_pb2.InferenceTask(
                    model_spec=classify, method_name="tensorflow/serving/classify"
                ),
            ],
            input=examples(2.0),
        )
    )
    first, second = both.results
    assert first.regression_result.regressions[0].value == 4.0
    assert second.classification_result.classifications[0].classes[0].score == 4.0


def test_several_inferences_ask_one_model_and_each_signature_once(server):
    def said(*specs):
        tasks = [
            inference_pb2.InferenceTask(model_spec=each, method_name="tensorflow/serving/regress")
            for each in specs
        ]
        request = inference_pb2.MultiInferenceRequest(tasks=tasks, input=examples(2.0))
        return refusal(server.prediction.MultiInference, request)

    regress = spec(signature="regress_x_to_y")
    assert said(regress, regress) == (INVALID, "Duplicate evaluation of signature: regress_x_to_y")
    assert said(regress, spec("spam_detection")) == (
        INVALID,
        "All ModelSpecs in a MultiInferenceRequest must access the same model name.",
    )


def test_a_context_belongs_to_every_example(server):
    given = input_pb2.Input()
    given.example_list_with_context.context.CopyFrom(example(2.0))
    given.example_list_with_context.examples.add()
    answer = server.prediction.Regress(
        regression_pb2.RegressionRequest(model_spec=spec(signature="regress_x_to_y"), input=given)
    )
    assert [row.value for row in answer.result.regressions] == [4.0]


def test_no_examples_are_refused(server):
    request = classification_pb2.ClassificationRequest(
        model_spec=spec(signature="classify_x_to_y"), input=examples()
    )
    assert refusal(server.prediction.Classify, request) == (INVALID, "Input is empty.")


def test_status(server):
    answer = server.models.GetModelStatus(
        get_model_status_pb2.GetModelStatusRequest(model_spec=spec(**STABLE))
    )
    [found] = answer.model_version_status
    assert (found.version, found.state) == (123, get_model_status_pb2.ModelVersionStatus.AVAILABLE)
    assert found.status.error_code == 0
    request = get_model_status_pb2.GetModelStatusRequest(model_spec=spec("foo"))
    assert refusal(server.models.GetModelStatus, request) == (
        MISSING,
        "Could not find any versions of model foo",
    )
    request = get_model_status_pb2.GetModelStatusRequest()
    assert refusal(server.models.GetModelStatus, request) == (INVALID, "Missing ModelSpec")


def test_metadata(server):
    def ask(*fields):
        return server.prediction.GetModelMetadata(
            get_model_metadata_pb2.GetModelMetadataRequest(
                model_spec=spec(**STABLE), metadata_field=fields
            )
        )

    answer = ask("signature_def")
    signatures = get_model_metadata_pb2.SignatureDefMap()
    assert answer.metadata["signature_def"].Unpack(signatures)
    assert signatures.signature_def["rows"].inputs["x"].dtype == 1
    assert answer.model_spec.version.value == 123
    assert refusal(ask) == (
        INVALID,
        "GetModelMetadataRequest must specify at least one metadata_field",
    )
    assert refusal(ask, "x") == (INVALID, "Metadata field x is not supported")


def test_a_request_that_is_too_large_is_refused(server):
    code, _ = refusal(predict, server, {"x": np.zeros(1 << 19, np.float32)})
    assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
