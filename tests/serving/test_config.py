"""The files that TensorFlow Serving is started with."""

from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format
from tensorflow_serving.config import model_server_config_pb2

import zoo
from zoo.serving import config

SAVED_MODELS = Path(zoo.__file__).parents[1] / "saved_models"
FIELD = descriptor_pb2.FieldDescriptorProto


def test_the_configuration_lists_what_ships():
    text = (SAVED_MODELS / "models.config").read_text()
    parsed = text_format.Parse(text, model_server_config_pb2.ModelServerConfig())
    models = parsed.model_config_list.config
    shipped = sorted({path.parents[1].name for path in SAVED_MODELS.glob("*/*/saved_model.pb")})
    assert [model.name for model in models] == shipped
    for model in models:
        assert model.base_path == f"/models/{model.name}"
        assert model.model_platform == "tensorflow"
        versions = [int(p.name) for p in (SAVED_MODELS / model.name).iterdir()]
        assert dict(model.version_labels) == {"stable": max(versions)}
    assert text == config.write(SAVED_MODELS), "write it anew: make serving"


def test_the_configuration_is_written_for_a_folder(tmp_path):
    for version in ("2", "10"):
        (tmp_path / "half" / version).mkdir(parents=True)
        (tmp_path / "half" / version / "saved_model.pb").touch()
    (tmp_path / "drafts" / "1").mkdir(parents=True)
    config.main([str(tmp_path)])
    [model] = config.read(tmp_path / "models.config")
    assert model == config.ModelConfig("half", "half", latest=2, labels={"stable": 10})
    assert config.models(tmp_path) == [model]


# What is not in the package of official messages, by the published names and numbers of its fields.
MESSAGES = {
    "BatchingParameters": {
        "max_batch_size": (1, "google.protobuf.Int64Value"),
        "batch_timeout_micros": (2, "google.protobuf.Int64Value"),
        "max_enqueued_batches": (3, "google.protobuf.Int64Value"),
        "num_batch_threads": (4, "google.protobuf.Int64Value"),
        "thread_pool_name": (5, "google.protobuf.StringValue"),
        "pad_variable_length_inputs": (7, FIELD.TYPE_BOOL),
        "enable_large_batch_splitting": (8, "google.protobuf.BoolValue"),
        "max_execution_batch_size": (9, "google.protobuf.Int64Value"),
    },
    "PrometheusConfig": {"enable": (1, FIELD.TYPE_BOOL), "path": (2, FIELD.TYPE_STRING)},
    "MonitoringConfig": {"prometheus_config": (1, "zoo.test.PrometheusConfig")},
}


@pytest.fixture(scope="module")
def parse():
    """Parse a file as one of these messages."""
    file = descriptor_pb2.FileDescriptorProto(
        name="zoo_test.proto",
        package="zoo.test",
        syntax="proto3",
        dependency=["google/protobuf/wrappers.proto"],
    )
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, (number, kind) in fields.items():
            added = message.field.add(name=field, number=number, label=FIELD.LABEL_OPTIONAL)
            if isinstance(kind, str):
                added.type, added.type_name = FIELD.TYPE_MESSAGE, f".{kind}"
            else:
                added.type = kind
    from google.protobuf import wrappers_pb2

    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(wrappers_pb2.DESCRIPTOR.serialized_pb)
    pool.Add(file)

    def parse(name, file):
        descriptor = pool.FindMessageTypeByName(f"zoo.test.{name}")
        message = message_factory.GetMessageClass(descriptor)()
        return text_format.Parse((SAVED_MODELS / file).read_text(), message)

    return parse


def test_batching(parse):
    from zoo.serving.limits import Limits

    batching = parse("BatchingParameters", "batching.config")
    assert batching.enable_large_batch_splitting.value
    assert batching.max_execution_batch_size.value == Limits().batch_rows
    assert batching.max_batch_size.value == Limits().rows
    assert batching.max_enqueued_batches.value > 0


def test_monitoring(parse):
    from zoo.serving.metrics import PATH

    prometheus = parse("MonitoringConfig", "monitoring.config").prometheus_config
    assert (prometheus.enable, prometheus.path) == (True, PATH)
