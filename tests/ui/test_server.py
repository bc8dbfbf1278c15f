"""`zoo ui` as a process, and what guards it."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx

import zoo
from zoo.ui.server import Guarded


def test_the_command_serves_the_page_until_it_is_stopped(tmp_path):
    """Without a model too: then the page says so. An open page does not hold it up."""
    process = subprocess.Popen(
        [sys.executable, "-c", "from zoo.cli import main; main()", "ui", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(zoo.__file__).parents[1],
        env={**os.environ, "ZOO_MODELS": str(tmp_path)},
        # Tests that run in the background were told to ignore it, and so would this.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        line = process.stdout.readline()
        url = re.fullmatch(r"open (http://127\.0\.0\.1:\d+) in a browser\n", line)[1]
        page = httpx.get(url)
        assert "There is no model of this task yet" in page.text
        assert "default-src 'self'" in page.headers["content-security-policy"]
        # As of a page that is open in a browser.
        with httpx.stream("GET", f"{url}/gradio_api/heartbeat/session") as beating:
            assert beating.status_code == 200
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=30)
    finally:
        process.kill()
    assert errors.strip() == "zoo: stopped"


def test_the_command_says_what_is_wrong(cli):
    result = cli("ui", "--server", "http://127.0.0.1:1")
    assert result.exit_code == 2
    assert "http://127.0.0.1:1 does not answer" in result.stderr
    assert cli("ui", "--server", "localhost").exit_code == 2


def test_a_request_without_end_is_broken_off():
    read = []

    async def reads(scope, receive, send):
        while (message := await receive())["type"] == "http.request":
            read.append(message["body"])

    async def endless():
        return {"type": "http.request", "body": b"x" * 100, "more_body": True}

    asyncio.run(Guarded(reads, most_bytes=1050)({"type": "http"}, endless, None))
    assert len(read) == 10
