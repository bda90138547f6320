"""Kills the workflow in the middle, starts it again, and looks for runs that were lost or made twice; then counts
again, in Python, what the files say is known.

Called by `cargo xtask test` with a Python that has workflow/requirements.txt, from the repository's
root; the argument is the `hedgerow` program. The runs are of two updates of a model that knows nothing.
The last lines count the tests as TAP does.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "reproduction"))
import recount  # noqa: E402

ROOT = Path(__file__).parent.parent
CONDITIONS = ["scalar-15-prompts", "structured-5-prompts", "kl-0.2", "no-discomfort"]
SEEDS = 3
PATIENCE_SECONDS = 120


def main(hedgerow: Path) -> int:
    failed = passed = 0
    with tempfile.TemporaryDirectory() as folder:
        for test in tests(Workflow(hedgerow, Path(folder))):
            try:
                name = test()
                passed += 1
                print(f"ok - {name}")
            except AssertionError as error:
                failed += 1
                print(f"not ok - {error}")
    print(f"# pass {passed}\n# fail {failed}\n# cancelled 0")
    return failed


def tests(workflow: "Workflow"):
    """Each goes on from where the one before left the folder."""
    killed: dict[Path, int] = {}

    def kill_in_the_middle() -> str:
        process = workflow.start()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(workflow.results()) < 2 and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        killed.update(workflow.results())
        assert 2 <= len(killed) < workflow.total, f"killed with {len(killed)} of {workflow.total} runs done"
        for path in killed:
            json.loads(path.read_text())
        return f"a workflow that is killed leaves only whole files ({len(killed)} of {workflow.total})"

    def start_again() -> str:
        # A killed Snakemake leaves its lock; it knows no other way to tell a dead one from a living one.
        workflow.finish("--unlock")
        before = workflow.finished_runs()
        workflow.finish()
        made = workflow.finished_runs() - before
        now = workflow.results()
        assert len(now) == workflow.total, f"{len(now)} of {workflow.total} runs are there"
        assert all(now[path] == when for path, when in killed.items()), "a finished file was written again"
        missing = workflow.total - len(killed)
        assert made == missing, f"{made} runs were made for {missing} missing files"
        return "started again, it makes what is missing and nothing twice"

    def start_once_more() -> str:
        before, files = workflow.started_runs(), workflow.results()
        workflow.finish()
        assert workflow.started_runs() == before, "a run was started although nothing was missing"
        assert workflow.results() == files, "a file was written again"
        return "with nothing missing it starts nothing"

    def same_as_the_command() -> str:
        out = workflow.folder / "beside"
        command = [workflow.hedgerow, "experiment", "controls", "--only", ",".join(CONDITIONS), "--out", out]
        options = ["--seeds", str(SEEDS), "--updates", "2", "--bases", workflow.bases]
        subprocess.run([*command, *options], check=True, capture_output=True)
        for path in workflow.results():
            beside = out / path.relative_to(workflow.out)
            for suffix in [".json", ".parquet"]:
                same = path.with_suffix(suffix).read_bytes() == beside.with_suffix(suffix).read_bytes()
                assert same, f"{path.with_suffix(suffix)} is not what `hedgerow experiment` writes"
        return "its files are those of `hedgerow experiment`, byte for byte"

    def counted_again() -> str:
        for path in workflow.results():
            lines = list(recount.check(recount.read(path), workflow.bases))
            assert lines, f"{path} holds no facts"
        for path in sorted((ROOT / "public/recorded").glob("**/*.json.gz")):
            if not path.name.startswith("language-model"):
                bases = ROOT / "public/base" / path.parent.relative_to(ROOT / "public/recorded")
                assert list(recount.check(recount.read(path), bases)), f"{path} holds no facts"
        return "what is known can be counted again from the facts of its files, and of the recorded runs of either kind of world"

    return [kill_in_the_middle, start_again, start_once_more, same_as_the_command, counted_again]


class Workflow:
    """The workflow in a folder of its own, with a program that notes which runs it begins and ends."""

    def __init__(self, hedgerow: Path, folder: Path):
        self.hedgerow, self.folder = hedgerow, folder
        self.out, self.bases = folder / "results", folder / "bases"
        self.log = folder / "runs.log"
        self.log.touch()
        self.total = len(CONDITIONS) * SEEDS
        self.program = folder / "hedgerow"
        self.program.write_text(
            f'#!/bin/sh\n[ "$1" = condition ] || exec "{hedgerow}" "$@"\n'
            f'echo "begin $*" >> "{self.log}" && "{hedgerow}" "$@" && echo "end $*" >> "{self.log}"\n'
        )
        self.program.chmod(0o755)
        shape = ["--width", "16", "--layers", "1", "--steps", "1", "--no-gate"]
        seeds = ",".join(map(str, range(SEEDS)))
        pretrain = [hedgerow, "pretrain", *shape, "--seed", seeds, "--out", self.bases]
        subprocess.run(pretrain, check=True, capture_output=True)

    def start(self, *options: str) -> subprocess.Popen:
        root = Path(__file__).resolve().parent.parent / "workflow"
        command = [sys.executable, "-m", "snakemake", "--snakefile", root / "Snakefile", "--directory", self.folder]
        command += ["--workflow-profile", root / "profiles/local", "--cores", "2", *options]
        names = ",".join(CONDITIONS)
        config = {"hedgerow": self.program, "out": self.out, "bases": self.bases, "conditions": names}
        config |= {"seeds": SEEDS, "updates": 2}
        command += ["--config", *(f"{name}={value}" for name, value in config.items())]
        with open(self.folder / "snakemake.log", "ab") as log:
            # A process group of its own, so that a kill reaches the runs too.
            return subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)

    def finish(self, *options: str) -> None:
        code = self.start(*options).wait(timeout=10 * PATIENCE_SECONDS)
        assert code == 0, f"snakemake failed:\n{(self.folder / 'snakemake.log').read_text()}"

    def results(self) -> dict[Path, int]:
        """Every JSON file with the time at which it was written."""
        return {path: path.stat().st_mtime_ns for path in self.out.glob("*/*/seed-*.json")}

    def started_runs(self) -> int:
        return self.log.read_text().count("begin ")

    def finished_runs(self) -> int:
        return self.log.read_text().count("end ")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
