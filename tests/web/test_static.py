"""What the desk ships: scripts of others unchanged, and nothing from elsewhere."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from fastapi.testclient import TestClient

from qa_pipeline.web.pages import STATIC, static_url

VENDOR = STATIC / "vendor"
ELSEWHERE = re.compile(r"""(?:src|href|action|url)\s*[=(]\s*["']?(?:https?:)?//""")


def test_scripts_of_others_are_those_that_were_published() -> None:
    lines = (VENDOR / "README.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("| ")][1:]
    listed = {row[0]: row[-1] for row in rows}
    there = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in VENDOR.glob("*.js")}
    assert there == listed
    assert len({path.name for path in VENDOR.glob("*.LICENSE")}) >= 2


def test_no_page_loads_anything_from_elsewhere(repository: Path) -> None:
    web = repository / "qa_pipeline" / "web"
    own = [*web.glob("templates/*.html"), *web.glob("static/*")]
    assert len(own) > 5
    for path in own:
        if path.is_file():
            assert not ELSEWHERE.search(path.read_text(encoding="utf-8")), path.name


def test_files_are_served_under_an_address_of_their_content(visitor: TestClient) -> None:
    for name in ("look.css", "desk.css", "desk.js", "vendor/htmx.min.js"):
        answer = visitor.get(static_url(name))
        assert answer.status_code == 200
        assert hashlib.sha256(answer.content).hexdigest()[:12] in static_url(name)
    assert visitor.get("/static/../app.py").status_code == 404
    assert visitor.get("/static/%2e%2e/app.py").status_code == 404
