"""TensorFlow Serving's own cases for its REST API: paths, methods, errors, half plus two."""

import pytest

BAD = "Malformed request: "


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "/v1/foo", 400, BAD + "GET /v1/foo"),
        ("POST", "/v1/foo", 400, BAD + "POST /v1/foo"),
        ("GET", "/v1/models", 400, "Missing model name in request."),
        ("POST", "/v1/models", 400, BAD + "POST /v1/models"),
        ("GET", "/v1/models/foo:predict", 400, BAD + "GET /v1/models/foo:predict"),
        ("GET", "/v1/models/foo/version/50:predict", 400, BAD),
        ("POST", "/v1/models/foo/version/50:regress", 400, BAD),
        ("POST", "/v1/models/foo/versions/HELLO:regress", 400, BAD),
        ("POST", "/v1/models/foo/versions/1/labels/a:predict", 400, BAD),
        ("GET", "/v1/models/foo/versions/1/labels/a", 400, BAD),
        ("POST", "/v1/models/foo:explain", 400, BAD),
        ("PUT", "/v1/models/foo:predict", 400, BAD + "PUT"),
        ("GET", "/v1/models/half_plus_two/meta", 400, BAD),
        (
            "POST",
            "/v1/models/foo/versions/18446744073709551615:regress",
            400,
            "Failed to convert version: 18446744073709551615 to numeric.",
        ),
        ("GET", f"/v1/models/foo/versions/{'9' * 5000}", 400, "Failed to convert version: 999"),
        ("GET", "/v1/models/foo", 404, "Could not find any versions of model foo"),
        (
            "GET",
            "/v1/models/half_plus_two/versions/9",
            404,
            "Could not find version 9 of model half_plus_two",
        ),
        ("GET", "/v1/models/foo/metadata", 404, "Servable not found for request: Latest(foo)"),
        ("GET", "/v1/models/half_plus_two/labels/x", 400, "Unrecognized servable version label: x"),
        ("GET", "/index", 404, BAD),
        ("GET", "/a%0Ab", 404, BAD),
    ],
)  # fmt: skip
def test_a_malformed_path_is_refused(server, method, path, status, message):
    response = server.http.request(method, path, content=b"")
    assert (response.status_code, response.headers["content-type"]) == (status, "application/json")
    assert response.json()["error"].startswith(message)


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/v1/models/foo", 404, "Servable not found for request: Latest(foo)"),
        ("/v1/models/foo/versions/50", 404, "Servable not found for request: Specific(foo, 50)"),
        ("/v1/models/half_plus_two/versions/99", 404, "Specific(half_plus_two, 99)"),
        ("/v1/models/half_plus_two/labels/x", 400, "Unrecognized servable version label: x"),
    ],
)
@pytest.mark.parametrize("api", ["predict", "classify", "regress"])
def test_an_unknown_model_is_refused(ask, api, path, status, message):
    got, document = ask(api, {"instances": [1.0], "examples": [{"x": 1.0}]}, path)
    assert got == status
    assert message in document["error"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "JSON Parse error: The document is empty"),
        ("instances = [1, 2]", "JSON Parse error: Invalid value. at offset: 0"),
        ('{"instances": [}', "JSON Parse error: Invalid value. at offset: 15"),
        ('{"instances": ["ö" 1]}'.encode(), "JSON Parse error: Missing a comma"),
        ('{"signature_name": 5, "instances": [1.0]}', "'signature_name' key must be a string"),
        ('{"signature_name": "x", "instances": [1.0]}',
         'Serving signature name: "x" not found in signature def'),
        ("{}", "Missing 'inputs' or 'instances' key"),
        ("[1]", "Is not object"),
        ('{"instances": ["a"]}', "Error: INVALID_ARGUMENT: JSON Value: \"a\" Type: String"
         " is not of expected type: float"),
        ('{"inputs": "a"}', 'JSON Value: "a" Type: String is not of expected type: float'),
        ('{"instances": [1e999]}', "Number too big to be stored in double"),
        ('{"inputs": ' + "[" * 100_000 + "}", "JSON Parse error: Nested too deeply."),
        ('{"inputs": ' + "[" * 300 + "]" * 300 + "}", "nested deeper than 32 levels"),
        ('{"signature_name": "strings", "inputs": "\\ud83d"}', "The surrogate pair in string is"),
    ],
)  # fmt: skip
def test_a_bad_predict_request_is_told_why(ask, body, message):
    status, document = ask("predict", body)
    assert status == 400
    assert message in document["error"]
    assert len(document["error"]) < 600


def test_predict(ask, server):
    rows = {"instances": [[1.0, 2.0], [3.0, 4.0]]}
    assert ask("predict", rows) == (200, {"predictions": [[2.5, 3.0], [3.5, 4.0]]})
    for path in (
        "/v1/models/half_plus_two/versions/123",
        "/v1/models/half_plus_two/versions/0123",
        "/V1/Models/half_plus_two/Versions/123",
        "/v1/models/half%5Fplus%5ftwo/labels/stable",
    ):
        assert ask("predict", {"instances": [1, 2.0, 5]}, path)[1] == {"predictions": [2.5, 3, 4.5]}
    named = {"signature_name": "serving_default", "instances": [{"x": 3.0}, {"x": 4.0}]}
    assert ask("predict", named)[1] == {"predictions": [3.5, 4.0]}
    assert ask("predict", {"inputs": [3.0, 4.0]})[1] == {"outputs": [3.5, 4.0]}
    assert ask("predict", {"inputs": {"x": 3.0}})[1] == {"outputs": 3.5}


def test_the_greatest_version_is_asked_and_labels_may_hold_a_slash(ask):
    for path in ("/v1/models/half_plus_two", "/v1/models/half_plus_two/labels/a%2Fb"):
        assert ask("predict", {"instances": [1.0]}, path)[1] == {"predictions": [3.5]}


def test_what_follows_the_document_is_ignored(ask):
    assert ask("predict", '  {"instances": [1.0]} and more')[1] == {"predictions": [2.5]}


def test_the_content_type_does_not_matter(server):
    response = server.http.post(
        "/v1/models/half_plus_two:predict",
        content=b'{"instances": [1.0]}',
        headers={"Content-Type": "text/plain"},
    )
    assert response.json() == {"predictions": [3.5]}


def test_classify_and_regress(ask):
    def body(signature, *xs, **more):
        return {"signature_name": signature, "examples": [{"x": x} for x in xs], **more}

    assert ask("classify", body("classify_x_to_y", 20.0))[1] == {"results": [[["", 12.0]]]}
    assert ask("classify", body("named", 2.0, 4.0))[1] == {
        "results": [[["half", 3.0]], [["half", 4.0]]]
    }
    assert ask("regress", body("regress_x_to_y", 80.0, [2.0]))[1] == {"results": [42.0, 3.0]}
    assert ask("regress", body("regress_x_to_y2", 2.0))[1] == {"results": [4.0]}
    context = {"signature_name": "regress_x_to_y", "context": {"x": 2.0}, "examples": [{}]}
    assert ask("regress", context)[1] == {"results": [3.0]}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"signature_name": ["a"], "examples": [{"x": 1.0}]}, "key must be a string value"),
        ({"context": [1], "examples": [{"x": 1.0}]}, "must be JSON object but got JSON Array"),
        ({}, "key 'examples' is expected and was not found"),
        ({"examples": {"x": 1.0}}, "Expecting 'examples' value to be an list/array"),
        ({"examples": []}, "'examples' value is an empty array"),
        ({"examples": [[{"x": 1.0}]]}, "Example must be JSON object but got JSON Array"),
        ({"examples": [{"x": [10, None]}]}, "x has element with unexpected JSON type: Null"),
        ({"examples": [{"x": [10, 10.0]}]}, "feature: x expecting type: int64"),
        ({"examples": [{"x": [10.0, "a"]}]}, "feature: x expecting type: float"),
        ({"examples": [{"x": ["a", True]}]}, "feature: x expecting type: bytes"),
        ({"examples": [{"x": [10, {"test": 10}]}]}, "element with unexpected JSON type: Object"),
        ({"examples": [{"x": [[10], 20]}]}, "x has element with unexpected JSON type: Array"),
        ({"examples": [{"x": [20, 18446744073709551603]}]}, "Only int64 is supported"),
        ({"examples": [{"x": 1.7976931348623157e308}]}, "without loss of precision"),
        ({"examples": [{"x": {"b64": "%"}}]}, "Unable to base64 decode"),
        ({"examples": [{"x": 1}]}, "Data types don't match"),
        ({"examples": [{"x": 1.0}], "signature_name": "x"}, "No signature was found with the name"),
        ({"examples": [{"x": 1.0}], "signature_name": "many"}, "Expected one input Tensor."),
        ({"examples": [{"x": 1.0}], "signature_name": "ints"}, "inputs found in SignatureDef"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    ("api", "signature"), [("classify", "classify_x_to_y"), ("regress", "regress_x_to_y")]
)
def test_bad_examples_are_told_why(ask, api, signature, body, message):
    status, document = ask(api, {"signature_name": signature, **body})
    assert status == 400
    assert message in document["error"]


def test_a_signature_of_the_other_method_is_refused(ask):
    body = {"examples": [{"x": 1.0}]}
    _, document = ask("classify", {"signature_name": "regress_x_to_y", **body})
    assert 'at least one of "classes" or "scores"' in document["error"]
    _, document = ask("regress", {"signature_name": "classify_x_to_y", **body})
    assert document["error"] == "No regression outputs found in SignatureDef."


def status_of(version):
    return {
        "version": version,
        "state": "AVAILABLE",
        "status": {"error_code": "OK", "error_message": ""},
    }


def test_status(server):
    url = "/v1/models/half_plus_two"
    found = server.http.get(url)
    assert found.headers["content-type"] == "application/json"
    assert found.json() == {"model_version_status": [status_of("124"), status_of("123")]}
    for one in (f"{url}/versions/123", f"{url}/labels/stable"):
        assert server.http.get(one).json() == {"model_version_status": [status_of("123")]}


def test_metadata(server):
    document = server.http.get("/v1/models/half_plus_two/labels/stable/metadata").json()
    assert document["model_spec"] == {
        "name": "half_plus_two", "signature_name": "", "version": "123"
    }  # fmt: skip
    assert list(document["metadata"]) == ["signature_def"]
    definition = document["metadata"]["signature_def"]["signature_def"]["regress_x_to_y"]
    assert definition.keys() == {"inputs", "outputs", "method_name", "defaults"}
    assert definition["method_name"] == "tensorflow/serving/predict"
    assert definition["defaults"] == {}
    assert definition["inputs"]["inputs"] == {
        "dtype": "DT_STRING",
        "tensor_shape": {"dim": [{"size": "-1", "name": ""}], "unknown_rank": False},
        "name": "regress_x_to_y_inputs:0",
    }


def test_metrics(ask, server):
    ask("predict", {"instances": [1.0]})
    ask("predict", {"instances": ["a"]}, "/v1/models/made_up")
    response = server.http.get("/monitoring/prometheus/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    lines = response.text.splitlines()
    assert "# TYPE :tensorflow:serving:request_count counter" in lines
    counted = ':tensorflow:serving:request_count{model_name="half_plus_two",status="OK"}'
    assert [float(line.split()[-1]) > 0 for line in lines if line.startswith(counted)] == [True]
    assert any(line.startswith(":tensorflow:serving:request_latency_bucket") for line in lines)
    assert any(line.startswith(":tensorflow:serving:runtime_latency_bucket") for line in lines)
    assert "made_up" not in response.text  # names that clients make up would fill the memory
