"""What cannot be answered is told in a plain sentence, and the page goes on."""

import io
import queue
import threading
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

import zoo
from zoo.serving.limits import Limits
from zoo.serving.server import Address, serve
from zoo.ui.models import behind
from zoo.ui.page import TABS

SPAM = Path(zoo.__file__).parents[1] / "saved_models" / "spam_detection"


def ask(page, text):
    box = page.locator("textarea:visible")
    box.fill(text)
    box.press("Enter")


def told(page, sentence):
    """The sentence stands on the page; then it is put away."""
    toast = page.get_by_test_id("toast-body")
    expect(toast).to_contain_text(sentence)
    toast.get_by_test_id("toast-close").click()
    expect(toast).to_have_count(0)


def labelled(page, label):
    expect(
        page.locator("[role=tabpanel]:visible").get_by_test_id("label-output-value")
    ).to_have_text(label)


def drop(page, name, content, kind):
    """Let a file fall on the photo."""
    data = page.evaluate_handle(
        """([name, bytes, type]) => {
            const dropped = new DataTransfer();
            dropped.items.add(new File([new Uint8Array(bytes)], name, {type}));
            return dropped;
        }""",
        [name, list(content), kind],
    )
    zone = page.get_by_role("button", name="Drop Image Here").or_(
        page.locator("[role=tabpanel]:visible button[aria-dropeffect]")
    )
    zone.first.dispatch_event("drop", {"dataTransfer": data})


def picture(size, mode="RGB", kind="PNG"):
    file = io.BytesIO()
    Image.new(mode, size).save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("tab", ["Spam", "Chat"])
def test_no_text_and_too_much_of_it(url, browse, tab):
    page = browse(url, tab)
    for text in ("", "  \n "):
        ask(page, text)
        told(page, "There is no text yet: type something first.")
    ask(page, "lose " * 20_000)
    told(page, "This text has 100,000 characters: shorten it to 20,000.")
    ask(page, "Hello!")
    if tab == "Spam":
        labelled(page, "ham")
    else:
        expect(page.get_by_test_id("bot")).to_contain_text(["Turn 1 was 'Hello!'"])


def test_a_model_that_fails(url, browse, caplog):
    page = browse(url, "Translation")
    ask(page, "break")
    told(page, "The model could not answer this: the terminal of this page says why.")
    assert "RuntimeError: inside" in caplog.text
    ask(page, "go on")
    expect(page.get_by_role("gridcell", name="on go", exact=True)).to_be_visible()


def test_what_is_no_photo(url, browse):
    page = browse(url, "Photo")
    lit = page.locator(".photos figure")
    drop(page, "dog.png", b"This is a text.", "image/png")
    told(page, "This file is not an image: give a JPEG or PNG file.")
    files = {
        "This file has more than 50 megapixels: make the photo smaller.": picture(
            (9000, 6000), "1"
        ),
        "This file is a GIF, not a JPEG or PNG: save it as one of these.": picture(
            (8, 8), "P", "GIF"
        ),
        "This file is truncated or damaged: get the file again.": picture((80, 80))[:60],
    }
    for sentence, content in files.items():
        page.get_by_role("button", name="Remove Image").click()
        drop(page, "dog.png", content, "image/png")
        told(page, sentence)
    page.get_by_role("button", name="Remove Image").click()
    drop(page, "dog.jpg", picture((40, 30), kind="JPEG"), "image/jpeg")
    expect(page.get_by_role("gridcell", name="A photo 40x30")).to_be_visible()
    expect(lit).to_have_count(5)


def test_what_is_not_even_sent(url, browse, tmp_path):
    page = browse(url, "Photo")
    drop(page, "notes.txt", b"This is a text.", "text/plain")
    told(page, "nvalid file type")
    large = tmp_path / "large.png"
    large.write_bytes(bytes(17 << 20))
    page.locator("input[type=file]").first.set_input_files(large)
    told(page, "maximum allowed size")
    drop(page, "dog.png", picture((40, 30)), "image/png")
    expect(page.get_by_role("gridcell", name="A photo 40x30")).to_be_visible()


@contextmanager
def serving(models, port):
    """A server of a folder: its port."""
    started = queue.Queue()
    arguments = (models, Address(rest_port=port, grpc_port=0), Limits(), started.put)
    thread = threading.Thread(target=serve, args=arguments)
    thread.start()
    found = started.get(timeout=60)
    try:
        yield found.address.rest_port
    finally:
        found.stop()
        thread.join()


def test_a_server_that_goes_away_and_comes_back(browse, show, tmp_path):
    (tmp_path / "spam_detection").symlink_to(SPAM)
    with ExitStack() as stack:
        with serving(tmp_path, 0) as port:
            models = behind(f"http://127.0.0.1:{port}", TABS)
            page = browse(stack.enter_context(show(models)))
            ask(page, "Txt WIN to 80086")
            labelled(page, "spam")
        ask(page, "Txt WIN to 80087")
        told(page, f"http://127.0.0.1:{port} does not answer")
        with serving(tmp_path, port):
            ask(page, "Are you free tonight?")
            labelled(page, "ham")
        page.get_by_role("tab", name="Chat").click()
        expect(page.get_by_text("The server has no model of this task")).to_be_visible()
