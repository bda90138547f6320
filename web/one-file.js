// Stands before the page's scripts in the edition in one file (xtask/src/release/one_file.rs). What they ask a
// server for, it takes out of the document; opened from a disk, the page has no server to ask.

{
    const root = new URL(".", document.baseURI).href;
    const PlainWorker = globalThis.Worker;
    const IMPORT = /(from\s*|import\()["']\.\/([^"']+)["']/g;

    globalThis.fetch = async (asked) => {
        const name = nameOf(asked instanceof Request ? asked.url : asked);
        const element = held(name);
        if (!element) {
            return new Response(null, { status: 404 });
        }
        // Scripts lie here as they are, all else packed.
        if (element.type === "text/plain") {
            return new Response(element.textContent);
        }
        const packed = Uint8Array.from(atob(element.textContent), (letter) => letter.charCodeAt(0));
        const type = name.endsWith(".wasm") ? "application/wasm" : "application/octet-stream";
        const bytes = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
        return new Response(bytes, { headers: { "content-type": type } });
    };

    // With what it imports, which has no address beside it.
    globalThis.scriptOf = (name) => addressOf(held(name).textContent.replaceAll(IMPORT, imported));

    // From a disk, a browser starts no worker that is a module, lets none import what the page made, and gives it an
    // address without a folder and without parameters.
    globalThis.Worker = function (asked) {
        const { href } = new URL(asked, document.baseURI);
        const engine = `const ENGINE = ${JSON.stringify(held("engine/cpu/engine.js").textContent)};\n`;
        const script = held(nameOf(asked))
            .textContent.replaceAll(
                "new URL(script, self.location.href)",
                'URL.createObjectURL(new Blob([ENGINE], { type: "text/javascript" }))',
            )
            .replaceAll("self.location.href", JSON.stringify(href));
        return new PlainWorker(addressOf(engine + script));
    };

    function imported(whole, before, name) {
        return held(name) ? `${before}"${scriptOf(name)}"` : whole;
    }

    function addressOf(script) {
        return URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    }

    function nameOf(address) {
        const { href } = new URL(address, document.baseURI);
        return decodeURI(href.split(/[?#]/)[0].slice(root.length));
    }

    function held(name) {
        return document.querySelector(`script[data-file="${CSS.escape(name)}"]`);
    }
}
