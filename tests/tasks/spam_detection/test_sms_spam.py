import hashlib
import io
import threading
import zipfile
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tasks.spam_detection import data
from zoo.data.examples import split
from zoo.errors import UserError

# Odd characters that str.splitlines would split at, and a message that stands twice.
MESSAGES = [f"ham\tmessage {i}\x85 of\u2028 mine\x1c" for i in range(20)]
MESSAGES += [f"spam\tWIN £{i}!\t &lt;#&gt; " for i in range(10)]
MESSAGES += ["spam\tWIN £3!\t &lt;#&gt; ", "ham\tlast"]
CONTENT = "".join(f"{message}\n" for message in MESSAGES).encode()
COUNTS = {"lines": 32, "ham": 21, "spam": 11, "distinct lines": 31, "distinct spam": 10}


@pytest.fixture
def builder_class(monkeypatch, tmp_path):
    """The builder, told that a small set is the published one."""
    from tasks.spam_detection.sms_spam import SmsSpam

    sha256 = {"SMSSpamCollection": hashlib.sha256(CONTENT).hexdigest()}
    monkeypatch.setattr(SmsSpam, "SOURCE", replace(data.SMS_SPAM, sha256=sha256, counts=COUNTS))
    monkeypatch.setenv("ZOO_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("ZOO_MIRROR", raising=False)
    return SmsSpam


@pytest.fixture
def mirror(monkeypatch, tmp_path):
    folder = tmp_path / "mirror"
    (folder / "sms_spam").mkdir(parents=True)
    (folder / "sms_spam/SMSSpamCollection").write_bytes(CONTENT)
    checksum = hashlib.sha256(CONTENT).hexdigest()
    (folder / "SHA256SUMS").write_text(f"{checksum}  sms_spam/SMSSpamCollection\n")
    monkeypatch.setenv("ZOO_MIRROR", str(folder))
    return folder


@pytest.fixture
def site(builder_class, monkeypatch):
    """A web site that answers with `site.body`, and declares `site.length` bytes."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(site.length))
            self.end_headers()
            self.wfile.write(site.body)

        def log_message(self, *_): ...

    site = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme", "Read me.")
        archive.writestr("SMSSpamCollection", CONTENT)
    site.body = buffer.getvalue()
    site.length = len(site.body)
    url = f"http://127.0.0.1:{site.server_port}/sms+spam.zip"
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(builder_class, "SOURCE", replace(builder_class.SOURCE, urls=(url,)))
    thread = threading.Thread(target=site.serve_forever)
    thread.start()
    yield site
    site.shutdown()
    site.server_close()
    thread.join()


def lines_of(examples):
    return [f"{label}\t{text}" for text, label in zip(examples.texts, examples.labels, strict=True)]


def test_the_distinct_messages_come_in_the_files_order(builder_class, mirror):
    assert lines_of(data.load_all()) == [*MESSAGES[:-2], MESSAGES[-1]]


def test_the_splits_are_the_published_ones(builder_class, mirror, capsys):
    splits = data.load_sms_spam()
    assert splits == split(data.load_all())
    assert [len(part) for part in (splits.train, splits.validation, splits.test)] == [19, 6, 6]
    assert capsys.readouterr().out == ""


def test_a_prepared_set_needs_neither_mirror_nor_network(builder_class, mirror, monkeypatch):
    expected = data.load_all()
    monkeypatch.delenv("ZOO_MIRROR")
    monkeypatch.setattr("socket.socket.connect", None)
    assert data.load_all() == expected


def test_a_mistyped_mirror_is_told_though_the_set_is_prepared(builder_class, mirror, monkeypatch):
    data.load_all()
    monkeypatch.setenv("ZOO_MIRROR", f"{mirror}/nowhere")
    with pytest.raises(UserError, match="nowhere is not a folder"):
        data.load_all()


def test_what_a_killed_preparation_leaves_is_not_the_set(builder_class, mirror, tmp_path):
    (tmp_path / "data/sms_spam/incomplete.ABCDEF_1.0.0").mkdir(parents=True)
    assert len(data.load_all()) == 31


def test_other_counts_are_refused(builder_class, mirror, monkeypatch):
    counts = COUNTS | {"spam": 12}
    monkeypatch.setattr(builder_class, "SOURCE", replace(builder_class.SOURCE, counts=counts))
    with pytest.raises(UserError, match=r"it has 32 lines, 21 ham, 11 spam, .*, not 32 lines"):
        data.load_all()


def test_other_data_is_refused_and_nothing_is_left(builder_class, mirror, monkeypatch, tmp_path):
    monkeypatch.setattr(builder_class, "SOURCE", data.SMS_SPAM)
    with pytest.raises(UserError, match="SHA-256 of SMSSpamCollection is") as error:
        data.load_all()
    assert "\n" not in str(error.value)
    assert not list((tmp_path / "data").glob("sms_spam/*"))


def test_the_canonical_archive_is_downloaded(site):
    assert lines_of(data.load_all()) == [*MESSAGES[:-2], MESSAGES[-1]]


def test_a_download_cut_short_starts_again(site):
    body = site.body
    site.body = body[:-100]
    with pytest.raises(UserError, match=r"could not be downloaded \(ChunkedEncodingError\)"):
        data.load_all()
    site.body = body
    assert len(data.load_all()) == 31


def test_a_wrong_download_starts_again(site):
    body = site.body
    site.body = b"<html>Log in to this network first</html>"
    site.length = len(site.body)
    with pytest.raises(UserError, match=r"sms\+spam\.zip is no whole archive"):
        data.load_all()
    site.body, site.length = body, len(body)
    assert len(data.load_all()) == 31


def test_an_archive_without_the_messages_starts_again(site):
    body = site.body
    site.body = body.replace(b"SMSSpamCollection", b"AnotherCollection")
    with pytest.raises(UserError, match=r"it has 0 lines, 0 ham, .*, not 32 lines"):
        data.load_all()
    site.body = body
    assert len(data.load_all()) == 31
