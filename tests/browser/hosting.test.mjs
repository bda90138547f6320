// The release behind the servers that its recipes are for, each with the very file of `hosting/`, under a path: types,
// compression, caching, policy, "not modified", and the page in a browser with no request to anywhere else. A server
// that is not installed is skipped, and said so. Python's, with which one looks at a site at home, has none of these
// settings.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, extname, join } from "node:path";
import { test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";

import { openPage } from "./harness.mjs";
import { ready } from "./lab.mjs";
import { pageFolder, policy, RELEASE, SITE, TYPES } from "./release.mjs";

const NGINX_BROTLI = "/usr/lib/nginx/modules/ngx_http_brotli_static_module.so";
const APACHE_MODULES = "/usr/lib/apache2/modules";
const EVERY_SETTING = { compression: ["gzip", "br"], isConfigured: true };

const HOSTS = [
    {
        name: "nginx",
        ...EVERY_SETTING,
        compression: existsSync(NGINX_BROTLI) ? ["gzip", "br"] : ["gzip"],
        start(folder, port) {
            const recipe = placed("nginx.conf", folder, port).replace(/listen (\d+)/, "listen 127.0.0.1:$1");
            const brotli = existsSync(NGINX_BROTLI);
            writeFileSync(join(folder, "recipe.conf"), brotli ? recipe.replace("# brotli_static on", "brotli_static on") : recipe);
            const around = `${brotli ? `load_module ${NGINX_BROTLI};` : ""}
                daemon off; pid ${folder}/pid; error_log stderr; events {}
                http { access_log off; client_body_temp_path ${folder}; include ${folder}/recipe.conf; }`;
            writeFileSync(join(folder, "main.conf"), around);
            return ["-p", folder, "-c", join(folder, "main.conf")];
        },
    },
    {
        name: "apache2",
        ...EVERY_SETTING,
        start(folder, port) {
            const modules = ["mpm_event", "authz_core", "alias", "dir", "mime", "headers", "rewrite", "filter", "deflate"];
            const load = modules.map((name) => `LoadModule ${name}_module ${APACHE_MODULES}/mod_${name}.so`);
            // Debian's own settings for types and compression.
            writeFileSync(
                join(folder, "main.conf"),
                `${load.join("\n")}
                ServerName localhost
                ServerRoot ${folder}
                PidFile ${folder}/pid
                DefaultRuntimeDir ${folder}
                ErrorLog ${folder}/errors
                Listen 127.0.0.1:${port}
                TypesConfig /etc/mime.types
                AddType application/x-gzip .gz .tgz
                AddLanguage br .br
                AddOutputFilterByType DEFLATE text/html text/css text/javascript application/wasm
                User www-data
                Group www-data
                Alias /hedgerow ${folder}/site
                <Directory ${folder}/site>
                    AllowOverride FileInfo
                    Require all granted
                </Directory>`,
            );
            return ["-X", "-f", join(folder, "main.conf")];
        },
    },
    {
        name: "caddy",
        ...EVERY_SETTING,
        start(folder, port) {
            const recipe = placed("Caddyfile", folder, port).replace(`:${port} {`, `http://127.0.0.1:${port} {`);
            writeFileSync(join(folder, "Caddyfile"), `{\n\tadmin off\n}\n${recipe}`);
            return ["run", "--config", join(folder, "Caddyfile"), "--adapter", "caddyfile"];
        },
    },
    {
        name: "python3",
        compression: [],
        isConfigured: false,
        start(folder, port) {
            cpSync(join(folder, "site"), join(folder, "root", "hedgerow"), { recursive: true });
            return ["-m", "http.server", String(port), "--bind", "127.0.0.1", "--directory", join(folder, "root")];
        },
    },
];

for (const host of HOSTS) {
    const isThere = (process.env.PATH + ":/usr/sbin").split(delimiter).some((path) => existsSync(join(path, host.name)));
    test(`${host.name} serves the release under a path`, { skip: isThere ? false : `${host.name} is not installed` }, async (t) => {
        const site = await running(t, host);
        const files = [
            "index.html",
            ...["app.js", "app_bg.wasm", "style.css", "text/en.json"].map((name) => `${pageFolder()}/${name}`),
            ...["engine/cpu/engine_bg.wasm", "base/base-0.safetensors", "hedgerow.webmanifest", "favicon.svg", "sw.js"],
        ];
        for (const file of files) {
            const held = readFileSync(join(SITE, file));
            for (const encoding of ["identity", ...host.compression]) {
                const answer = await fetched(site + file, { "accept-encoding": encoding });
                const what = `${host.name}, ${file}, ${encoding}`;
                assert.equal(answer.status, 200, what);
                const isPacked = existsSync(join(SITE, `${file}.${encoding === "gzip" ? "gz" : encoding}`));
                assert.equal(answer.headers["content-encoding"], isPacked ? encoding : undefined, what);
                assert.ok(plain(answer).equals(held), `${what}: other bytes`);
                const type = TYPES[extname(file)];
                if (type && (host.isConfigured || extname(file) !== ".webmanifest")) {
                    assert.equal(answer.headers["content-type"]?.split(";")[0], type, what);
                }
                if (host.isConfigured) {
                    const caching = file.startsWith("page-") ? "public, max-age=31536000, immutable" : "no-cache";
                    assert.equal(answer.headers["cache-control"], caching, what);
                    assert.equal(answer.headers["content-security-policy"], policy(), what);
                    assert.equal(answer.headers["x-content-type-options"], "nosniff", what);
                    assert.match(answer.headers.vary, /accept-encoding/i, what);
                }
            }
        }
        const { headers } = await fetched(`${site}index.html`, { "accept-encoding": "gzip" });
        const known = headers.etag ? { "if-none-match": headers.etag } : { "if-modified-since": headers["last-modified"] };
        assert.equal((await fetched(`${site}index.html`, { "accept-encoding": "gzip", ...known })).status, 304);
        assert.equal((await fetched(`${site}no-such-file.js`)).status, 404);
        assert.equal((await fetched(site.slice(0, -1))).status, 301);

        const { page, requests } = await openPage(t, { site });
        await ready(page);
        assert.ok(requests.length > 5);
        // The server goes before the page does.
        await page.evaluate(async () => (await navigator.serviceWorker.ready).active.state);
        await page.waitForLoadState("networkidle");
    });
}

/** A file of `hosting/`, for this folder and this port. */
function placed(name, folder, port) {
    const recipe = readFileSync(join(RELEASE, "hosting", name), "utf8");
    return recipe.replaceAll("/srv/hedgerow", folder).replaceAll("8080", String(port));
}

/** Starts the server on a copy that its own user may read; returns the address of the site. */
async function running(t, host) {
    const folder = mkdtempSync(join(tmpdir(), "hedgerow-hosting-"));
    chmodSync(folder, 0o755);
    cpSync(SITE, join(folder, "site"), { recursive: true });
    const port = await freePort();
    const environment = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin`, HOME: folder };
    const server = spawn(host.name, host.start(folder, port), { stdio: ["ignore", "ignore", "pipe"], env: environment });
    let said = "";
    server.stderr.on("data", (words) => (said += words));
    const ended = new Promise((resolve) => server.once("exit", resolve));
    t.after(async () => {
        server.kill();
        await ended;
        rmSync(folder, { recursive: true, force: true });
    });
    const site = `http://127.0.0.1:${port}/hedgerow/`;
    for (let attempt = 0; attempt < 100 && server.exitCode === null; attempt++) {
        if (await fetched(site).then(() => true, () => false)) {
            return site;
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const log = join(folder, "errors");
    throw new Error(`${host.name} did not start: ${said}${existsSync(log) ? readFileSync(log, "utf8") : ""}`);
}

function freePort() {
    return new Promise((resolve) => {
        const server = createServer().listen(0, "127.0.0.1", () => {
            const { port } = server.address();
            server.close(() => resolve(port));
        });
    });
}

/** An answer as it came, unpacked by nobody. */
function fetched(address, headers = {}) {
    return new Promise((resolve, reject) => {
        const request = get(address, { headers, agent: false }, (response) => {
            const parts = [];
            response.on("data", (part) => parts.push(part));
            response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) }));
        });
        request.on("error", reject);
        request.setTimeout(10_000, () => request.destroy(new Error("no answer")));
    });
}

function plain({ headers, body }) {
    const unpack = { br: brotliDecompressSync, gzip: gunzipSync }[headers["content-encoding"]];
    return unpack ? unpack(body) : body;
}
