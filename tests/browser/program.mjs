// The command line, for what the page is compared with, and what archives hold.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { inflateRawSync } from "node:zlib";

import { ROOT } from "./harness.mjs";

/** Runs a program to its end and returns what it printed. */
export function run(program, args) {
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: ROOT, encoding: "utf8", maxBuffer: 2 ** 26 });
    assert.equal(status, 0, stderr);
    return stdout;
}

/** The path of `hedgerow`, as the tests of the command line build it, so that nothing is compiled for this alone. */
export function hedgerow() {
    run("cargo", ["test", "--release", "--quiet", "--package=hedgerow", "--test=cli", "--no-run"]);
    return join(process.env.CARGO_TARGET_DIR ?? join(ROOT, "target"), "release", "hedgerow");
}

/** The files of a ZIP archive, by name. */
export function unzipped(zip) {
    const files = new Map();
    let at = zip.readUInt32LE(zip.lastIndexOf(Buffer.from("PK\x05\x06", "latin1")) + 16);
    while (zip.readUInt32LE(at) === 0x02014b50) {
        const [method, size] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20)];
        const [name, extra, comment] = [28, 30, 32].map((place) => zip.readUInt16LE(at + place));
        const local = zip.readUInt32LE(at + 42);
        const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
        const bytes = zip.subarray(from, from + size);
        files.set(zip.subarray(at + 46, at + 46 + name).toString(), method === 8 ? inflateRawSync(bytes) : bytes);
        at += 46 + name + extra + comment;
    }
    return files;
}
