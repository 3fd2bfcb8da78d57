"""Does the contract render without complaint in Redoc and in Swagger UI?

`python -m benchmarks.renderers` installs both with npm in a temporary directory, serves it on
loopback with a page for each, opens the pages in a headless Chromium that can reach nothing else,
and saves `docs/contract-redoc.png` and `docs/contract-swagger-ui.png`. It exits 1 where a page
complains on the console, fails, or does not show every field and status of the contract.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from conformance.contract import PATH, load_contract

DOCS = Path(__file__).parents[1] / "docs"
LARGEST = 300_000
SECONDS = 120
VIRTUAL_SECONDS = 20
LOGO = "https://cdn.redoc.ly/redoc/logo-mini.svg"
"""Redoc's own picture, which it takes from elsewhere."""
COMPLAINTS = "complaints-of-this-page"
WATCH = """
const complaints = [];
const complain = (kind, what) => {
  complaints.push(kind + ": " + [...what].map((one) => one && one.stack || String(one)).join(" "));
};
for (const kind of ["error", "warn"]) {
  const told = console[kind].bind(console);
  console[kind] = (...what) => { complain(kind, what); told(...what); };
}
addEventListener("error", (event) => {
  complain("failed", [event.message || (event.target.src || event.target.href)]);
}, true);
addEventListener("unhandledrejection", (event) => complain("rejected", [event.reason]));
setInterval(() => {
  let place = document.getElementById("COMPLAINTS");
  if (!place && document.body) {
    place = document.createElement("script");
    place.type = "text/plain";
    place.id = "COMPLAINTS";
    document.body.append(place);
  }
  if (place) place.textContent = JSON.stringify(complaints);
}, 100);
""".replace("COMPLAINTS", COMPLAINTS)


@dataclass(frozen=True)
class Renderer:
    """A renderer: its npm package, what its page loads and does, and where it shows an error."""

    name: str
    package: str
    styles: tuple[str, ...]
    script: str
    start: str
    failure: str
    size: tuple[int, int]


RENDERERS = (
    Renderer(
        name="redoc",
        package="redoc@2",
        styles=(),
        script="redoc/bundles/redoc.standalone.js",
        start="Redoc.init('openapi.yaml', {expandResponses: 'all', schemasExpansionLevel: 'all', "
        "disableSearch: true, hideDownloadButtons: true}, document.getElementById('page'))",
        failure="Something went wrong",
        size=(1280, 1400),
    ),
    Renderer(
        name="swagger-ui",
        package="swagger-ui-dist@5",
        styles=("swagger-ui-dist/swagger-ui.css",),
        script="swagger-ui-dist/swagger-ui-bundle.js",
        start="SwaggerUIBundle({url: 'openapi.yaml', dom_id: '#page', docExpansion: 'full', "
        "validatorUrl: null, defaultModelsExpandDepth: 4, defaultModelExpandDepth: 8, "
        "defaultModelRendering: 'model'})",
        failure="errors-wrapper",
        size=(1100, 1500),
    ),
)


def page(renderer: Renderer) -> str:
    """The page that renders the contract."""
    styles = "".join(f'<link rel="stylesheet" href="node_modules/{s}">' for s in renderer.styles)
    return (
        f"<!DOCTYPE html><html><head><meta charset=utf-8><title>{renderer.name}</title>"
        f"<link rel=icon href=data:,><script>{WATCH}</script>{styles}</head>"
        f"<body style='margin:0'><div id=page></div>"
        f'<script src="node_modules/{renderer.script}"></script>'
        f"<script>{renderer.start};</script></body></html>"
    )


def problems(renderer: Renderer, dom: str, contract: Any) -> Iterator[str]:
    """What is wrong with the page as it stands in the browser."""
    found = re.search(rf'<script[^>]*id="{COMPLAINTS}"[^>]*>(.*?)</script>', dom, re.DOTALL)
    if found is None:
        yield "the page never started"
        return
    told = json.loads(html.unescape(found[1]))
    yield from (complaint for complaint in told if not complaint.endswith(LOGO))
    shown = html.unescape(
        re.sub(r"<script.*?</script>|<style.*?</style>", "", dom, flags=re.DOTALL)
    )
    if renderer.failure in shown:
        yield f"the page says {renderer.failure!r}"
    text = re.sub(r"<[^>]*>", "", shown)
    yield from (f"{thing!r} is not shown" for thing in wanted(contract) if thing not in text)


def wanted(contract: Any) -> Iterator[str]:
    """What every page has to show: the operation, its statuses, and every field."""
    operation = contract["paths"][PATH]["post"]
    yield operation["summary"]
    yield from operation["responses"]
    for name in ("checkpoint_req", "checkpoint_param", "checkpoint_resp", "plan_resp", "error"):
        yield from contract["components"]["schemas"][name]["properties"]


@contextmanager
def served(directory: Path) -> Iterator[str]:
    """A directory on loopback, for the length of a `with`; yields its URL."""

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None: ...

    handler = partial(Handler, directory=str(directory))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def opened(chromium: str, url: str, profile: Path, *options: str) -> str:
    """The page as it stands after its scripts ran; nothing but loopback can be reached."""
    command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    command += ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", *options]
    command += [f"--user-data-dir={profile}", f"--virtual-time-budget={VIRTUAL_SECONDS * 1000}"]
    done = subprocess.run([*command, url], capture_output=True, timeout=SECONDS, check=True)
    return done.stdout.decode("utf-8")


def attempt(renderer: Renderer, chromium: str, directory: Path, site: str) -> list[str]:
    """Render the contract and take its picture; what is wrong."""
    contract = load_contract().document
    (directory / f"{renderer.name}.html").write_text(page(renderer), encoding="utf-8")
    url, profile = f"{site}/{renderer.name}.html", directory / "profile"
    found = list(problems(renderer, opened(chromium, url, profile, "--dump-dom"), contract))
    picture = DOCS / f"contract-{renderer.name}.png"
    size = ",".join(map(str, renderer.size))
    opened(chromium, url, profile, f"--window-size={size}", f"--screenshot={picture}")
    if (taken := picture.stat().st_size) > LARGEST:
        found.append(f"the picture has {taken} bytes, more than {LARGEST}")
    return found


def main() -> int:
    """Render with each, and say what is wrong; 0, 1, or 2 without npm or Chromium."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    npm = shutil.which("npm")
    if chromium is None or npm is None:
        print("npm and chromium are needed", file=sys.stderr)
        return 2
    failed = False
    with tempfile.TemporaryDirectory() as name, served(directory := Path(name)) as site:
        packages = [renderer.package for renderer in RENDERERS]
        install = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", *packages]
        subprocess.run(install, cwd=directory, check=True, stdout=subprocess.DEVNULL)
        (directory / "openapi.yaml").write_bytes(load_contract().text)
        for renderer in RENDERERS:
            found = attempt(renderer, chromium, directory, site)
            manifest = directory / "node_modules" / renderer.package.split("@")[0] / "package.json"
            version = json.loads(manifest.read_text(encoding="utf-8"))["version"]
            print(f"{renderer.name} {version}: {'complains' if found else 'no complaint'}")
            print("".join(f"  {problem}\n" for problem in found), end="")
            failed = failed or bool(found)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
