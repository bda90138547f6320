// The command line, for what the page is compared with.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

import { ROOT } from "./harness.mjs";

/** Runs a program to its end and returns what it printed. */
export function run(program, args) {
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: ROOT, encoding: "utf8" });
    assert.equal(status, 0, stderr);
    return stdout;
}

/** The path of `hedgerow`, as the tests of the command line build it, so that nothing is compiled for this alone. */
export function hedgerow() {
    run("cargo", ["test", "--release", "--quiet", "--package=hedgerow", "--test=cli", "--no-run"]);
    return join(process.env.CARGO_TARGET_DIR ?? join(ROOT, "target"), "release", "hedgerow");
}
