"""How long the page takes, through Chromium: `python -m benchmarks.page`.

What is measured: from the command to the page's first answer, and from Enter, or a photo, to what
the model says, the model being loaded.
"""

import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks.timing import load_line
from zoo.hub import list_models
from zoo.ui.page import TABS

_REPEATS = 9
_ANSWER = {
    "spam_detection": ".words",
    "sentiment": ".words",
    "translation": "[role=gridcell]",
    "chatbot": "[data-testid=bot]",
    "image_captioning": ".photos",
}

# Resolves with the milliseconds until the answer that is on the page has been replaced.
_WHEN_CHANGED = """([panel, answer]) => {
    const shown = () => [...panel.querySelectorAll(answer)].map(x => x.innerHTML).join();
    const before = shown();
    window.changed = new Promise(done => {
        const began = performance.now();
        const look = () => shown() && shown() !== before
            ? done(performance.now() - began) : requestAnimationFrame(look);
        look();
    });
}"""


def main() -> None:
    """Print the figures, with the machine's load."""
    from playwright.sync_api import sync_playwright

    command = [sys.executable, "-c", "from zoo.cli import main; main()", "ui", "--port", "0"]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        found = re.search(r"http://\S+", process.stdout.readline())
        if found is None:
            raise RuntimeError(f"zoo ui does not start: {process.wait()}")
        _print("the page answers", time.perf_counter() - began)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
            page = browser.new_page()
            page.set_default_timeout(120_000)
            opened = time.perf_counter()
            page.goto(found[0])
            page.get_by_role("tab").first.wait_for()
            _print("the browser shows it, after that", time.perf_counter() - opened)
            there = {info.task for info in list_models()}
            for name in TABS:
                if name in there:
                    _measure(page, name)
            browser.close()
    finally:
        process.terminate()
        process.wait()
    print(load_line())


def _measure(page: Any, name: str) -> None:
    title, _, _, examples = TABS[name]
    page.get_by_role("tab", name=title).click()
    panel = page.locator("[role=tabpanel]:visible")

    def text(n: int) -> None:
        box = panel.locator("textarea")
        # Another text every time, so that another answer is to be seen.
        box.fill(f"{examples[n % 2]} {n}")
        box.press("Enter")

    def photo(n: int) -> None:
        panel.locator("button.gallery-item").nth(n % 2).click()

    act: Callable[[int], None] = photo if name == "image_captioning" else text
    times = []
    for n in range(_REPEATS + 2):  # two that are not counted: the first ones load the model
        page.evaluate(_WHEN_CHANGED, [panel.element_handle(), _ANSWER[name]])
        act(n)
        times.append(page.evaluate("window.changed") / 1e3)
    _print(f"{name}, from asking to the answer", statistics.median(times[2:]))


def _print(what: str, seconds: float) -> None:
    print(f"{what:<50} {seconds * 1e3:>7.0f} ms", flush=True)


if __name__ == "__main__":
    main()
