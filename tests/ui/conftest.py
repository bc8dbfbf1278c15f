"""The page in this process, in front of one model that ships and four written here, and Chromium.

The written ones answer in numpy what can be told by looking at it, as the models of their forms do.
"""

import io
import shutil
import threading
import time
from contextlib import contextmanager
from urllib.parse import urlsplit

import numpy as np
import pytest
import uvicorn
from PIL import Image
from playwright.sync_api import expect, sync_playwright

from zoo import forms, hub
from zoo.serving.listening import listen
from zoo.ui.models import Models
from zoo.ui.server import application

SECONDS = 20  # for an answer: the first one of a model waits for it to be loaded
hold = threading.Event()
"""Until it is set, the translator answers `hold` to nobody."""


def column(values):
    """Strings as a model answers them, `[1, n]`."""
    return np.array([[value.encode() for value in values]], object)


def judged(signature, inputs):
    """Joy is positive, by 2.5; the first word is a little against it."""
    words = inputs["text"][0].decode().split()
    weights = [2.5 if word == "joy" else 0.0 for word in words]
    weights[0] -= 0.5
    if signature == "explain":
        return {"tokens": column(words), "weights": np.array([weights], np.float32)}
    p = 1 / (1 + np.exp(-np.array([sum(weights)], np.float32)))
    return {"label": np.where(p > 0.5, b"positive", b"negative"), "positive_probability": p}


def translated(signature, inputs):
    """The words from the last to the first; each looks at its own."""
    words = inputs["text"][0].decode().split()
    if words == ["break"]:
        raise RuntimeError("inside")
    if words == ["hold"]:
        hold.wait(SECONDS)
    if signature == "explain":
        looked = np.eye(len(words), dtype=np.float32)[None, ::-1]
        return {
            "source_tokens": column(words),
            "target_tokens": column(words[::-1]),
            "attention": looked,
        }
    best = " ".join(words[::-1])
    return {
        "translations": column([best, best.upper()]),
        "scores": np.array([[-0.25, -1.5]], np.float32),
    }


def replied(signature, inputs):
    """How many turns it read, the last of them, and what drew the reply."""
    turns = inputs["text"][0].decode().split("\n")
    how = "likeliest"
    if signature == "sample":
        how = f"seed {inputs['seed'][0]}, temperature {inputs['temperature'][0]}"
    reply = f"Turn {len(turns)} was {turns[-1]!r}; {how}"
    return {"reply": np.array([reply.encode()], object), "score": np.array([-1.0], np.float32)}


def captioned(signature, inputs):
    """The size of the photo; each word looks at a place of its own."""
    width, height = Image.open(io.BytesIO(inputs["image_bytes"][0])).size
    if signature == "explain":
        tokens = ["A", "photo", f"{width}", "##x", f"##{height}", "<b>"]
        places = np.eye(49, dtype=np.float32)[None, : len(tokens)].reshape(1, -1, 7, 7)
        return {"tokens": column(tokens), "attention": places}
    return {
        "captions": column([f"A photo {width}x{height}", "A dog"]),
        "scores": np.array([[-0.5, -2.0]], np.float32),
    }


WRITTEN = {
    "sentiment": forms.TextClassifier(
        {"labels": ["negative", "positive"], "positive": "positive"}, judged
    ),
    "translation": forms.TextGenerator({"answer": "translation"}, translated),
    "chatbot": forms.TextGenerator({"answer": "reply"}, replied),
    "image_captioning": forms.PhotoCaptioner({"answer": "caption"}, captioned),
}


@contextmanager
def running(models):
    """The page of some models: its URL."""
    with listen("127.0.0.1", 0, "--port") as listening:
        config = uvicorn.Config(
            application(models), ws="none", log_level="error", timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive()
                time.sleep(0.02)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="session")
def show():
    return running


@pytest.fixture(scope="session")
def models():
    return Models(lambda name: WRITTEN.get(name) or hub.load(name), {})


@pytest.fixture(scope="session")
def url(models):
    with running(models) as found:
        yield found


# Not of the session: while it is there, nothing else in this thread can run an event loop.
@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        # Where it is not installed, Playwright takes its own, or says how to get it.
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium):
    """Opens a page and a tab of it; no page may call another host, or meet an error."""
    contexts, hosts, errors = [], set(), []

    def opened(url, tab="Spam", **options):
        context = chromium.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(SECONDS * 1000)
        page.on("request", lambda request: hosts.add((url, urlsplit(request.url))))
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(url)
        page.get_by_role("tab", name=tab).click()
        return page

    expect.set_options(timeout=SECONDS * 1000)
    yield opened
    for context in contexts:
        context.close()
    for url, asked in hosts:
        assert asked.scheme in ("data", "blob") or asked.netloc == urlsplit(url).netloc, asked
    assert errors == []


@pytest.fixture
def hold_answers():
    """Keeps the answer to `hold` back until it is called."""
    hold.clear()
    yield hold.set
    hold.set()
