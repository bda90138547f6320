// The release under test: `release/`, written by `cargo xtask release`, and a plain server for it that can be told
// to answer wrongly.

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";

import { ROOT } from "./harness.mjs";

export const RELEASE = join(ROOT, "release", "hedgerow");
export const SITE = join(RELEASE, "site");

if (!existsSync(join(SITE, "sw.js"))) {
    throw new Error("there is no release: `cargo xtask release --site dist`");
}

/** The edition in one file. */
export const oneFile = () => {
    const name = readdirSync(join(ROOT, "release")).find((name) => name.endsWith(".html"));
    return join(ROOT, "release", name);
};

/** The folder of the page's code in a site. */
export const pageFolder = (site = SITE) => readdirSync(site).find((name) => name.startsWith("page-"));

/** What the page itself says of its policy. */
export const policy = (site = SITE) => readFileSync(join(site, "index.html"), "utf8").match(/content="(default-src[^"]*)"/)[1];

export const TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
};

/**
 * Serves a site under /some/school/ until the test is over. `host.site` may be exchanged for another site,
 * `host.answer = (name, response) => true` answers in its place, `host.asked` lists the names that were asked for.
 */
export async function hostOf(t, site = SITE) {
    const host = { site, answer: null, asked: [] };
    const server = createServer((request, response) => {
        const { pathname } = new URL(request.url, "http://host");
        const name = decodeURI(pathname).replace(/^\/some\/school\//, "") || "index.html";
        host.asked.push(name);
        if (host.answer?.(name, response)) {
            return;
        }
        const file = join(host.site, name);
        if (name.includes("..") || !existsSync(file) || !statSync(file).isFile()) {
            response.writeHead(404).end();
            return;
        }
        response.writeHead(200, { "content-type": TYPES[extname(name)] ?? "application/octet-stream", "cache-control": "no-cache" });
        response.end(readFileSync(file));
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    host.address = `http://127.0.0.1:${server.address().port}/some/school/`;
    /** As if the network were gone. */
    host.leave = () => {
        server.closeAllConnections();
        server.close();
    };
    t.after(() => host.leave());
    return host;
}

/** Serves a site as a host does that takes the packed files, until `close` is called. */
export async function packedHost(site) {
    const server = createServer(({ url }, response) => {
        const path = decodeURI(new URL(url, "http://host").pathname);
        const file = join(site, path.endsWith("/") ? `${path}index.html` : path);
        if (path.includes("..") || !existsSync(file) || !statSync(file).isFile()) {
            return response.writeHead(404).end();
        }
        const packed = existsSync(`${file}.br`);
        response.writeHead(200, {
            "content-type": TYPES[extname(file)] ?? "application/octet-stream",
            "cache-control": "max-age=3600",
            ...(packed && { "content-encoding": "br" }),
        });
        response.end(readFileSync(packed ? `${file}.br` : file));
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    return { address: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}
