from zoo.analysis import load


def test_what_was_not_measured_is_said(tmp_path):
    assert load.parts(tmp_path) == {
        "load": "Not measured yet.\n",
        "overhead": "Not measured yet.\n",
    }


def test_throughput_stands_beside_that_without_batching(tmp_path):
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "benchmarks" / "serving_load.csv").write_text(
        "model,api,batching,concurrency,per_second,p50,p90,p99\n"
        "spam,REST,yes,8,300.00,4.00,5.00,6.00\n"
        "spam,REST,yes,16,400.00,14.20,20.00,31.60\n"
        "spam,REST,no,16,160.00,80.00,90.00,99.00\n"
    )
    (tmp_path / "benchmarks" / "serving_overhead.csv").write_text(
        "model,direct,rest\nspam,0.96,1.90\n"
    )
    parts = load.parts(tmp_path)
    assert parts["load"].splitlines()[2:] == [
        "| spam | REST | 16 | 400 | 14 ms | 32 ms | 160 | 2.50 |"
    ]
    assert parts["overhead"].splitlines()[2:] == ["| spam | 0.96 ms | 1.90 ms | 0.94 ms |"]
