// A third language that nobody speaks, made from English and put beside the site's own: twice as long, with an accent on
// every letter, and from right to left. What is hard-coded stands out in it, because it has plain letters.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { DIST } from "./harness.mjs";

/** A code that is set aside for private use. */
export const CODE = "qps";
/** Its own name in the page's head. */
const NAME = "Ƥšéüđö";

const PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const ACCENTED = [..."áƀçđéƒĝĥíĵķĺɱñöþǫřšŧûṽŵẋýžÁƁÇĐÉƑĜĤÍĴĶĹḾÑÖÞǪŘŠŦÛṼŴẊÝŽ"];

const accented = (text) => [...text].map((letter) => ACCENTED[PLAIN.indexOf(letter)] ?? letter).join("");

/** A sentence with placeholders, `{name}`, and symbols, `` `d_ctx` ``: both are what they are in every language. */
export function pseudo(sentence) {
    const pieces = sentence.split(/(\{[^}]*\}|`[^`]*`)/);
    const once = pieces.map((piece, place) => (place % 2 ? piece : accented(piece))).join("");
    // A placeholder is filled once, and a mark has its other end.
    const again = pieces.filter((_, place) => place % 2 === 0).map(accented).join("").replaceAll(/[*_`]/g, "");
    return /[a-z]/i.test(pieces.filter((_, place) => place % 2 === 0).join("")) ? `${once} ${again.trim()}` : sentence;
}

/** The same of HTML: its tags and entities stay. */
const pseudoHtml = (html) =>
    html.split(/(<[^>]*>|&[^;\s]+;)/).map((piece, place) => (place % 2 || !/[a-z]/i.test(piece) ? piece : `${accented(piece)} ${accented(piece.trim())}`)).join("");

/** A file of sentences. An address is no sentence. */
const sentences = (node, key = "") => {
    if (typeof node === "string") {
        return key.endsWith("_address") ? node : pseudo(node);
    }
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, sentences(value, key)]));
};

/** The lesson's texts; its names, settings and the like stay. */
const TEXTS = ["title", "goal", "html", "question", "text", "feedback", "teacher"];
const lesson = (node, key = "") => {
    if (Array.isArray(node)) {
        return node.map((own) => lesson(own, key));
    }
    if (node && typeof node === "object") {
        return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, lesson(value, key)]));
    }
    return typeof node === "string" && TEXTS.includes(key) ? pseudoHtml(node) : node;
};

const read = (name) => JSON.parse(readFileSync(join(DIST, name), "utf8"));
const listed = (text) => ({ bytes: Buffer.byteLength(text), sha256: createHash("sha256").update(text).digest("hex").slice(0, 20) });

/** Adds the language to every page of a context: its folder of exercises as built, its files, its line in the page's head. */
export async function addPseudo(context) {
    const files = new Map([
        [`text/${CODE}.json`, JSON.stringify(sentences(read("text/en.json")))],
        [`text/later/${CODE}.json`, JSON.stringify(sentences(read("text/later/en.json")))],
        [`lesson/${CODE}.json`, JSON.stringify(lesson(read("lesson/en.json")))],
    ]);
    const ofLesson = { ...read("lesson/files.json"), [`lesson/${CODE}.json`]: listed(files.get(`lesson/${CODE}.json`)) };
    files.set("lesson/files.json", JSON.stringify(ofLesson));
    files.set("files.json", JSON.stringify({ ...read("files.json"), "lesson/files.json": listed(files.get("lesson/files.json")) }));
    for (const [name, body] of files) {
        const isIt = (url) => url.pathname.endsWith(`/school/${name}`);
        await context.route(isIt, (route) => route.fulfill({ body, contentType: "application/json" }));
    }
    const line = `<link rel="alternate" hreflang="${CODE}" dir="rtl" href="?lang=${CODE}" title="${NAME}">`;
    const html = readFileSync(join(DIST, "index.html"), "utf8").replace('<link rel="alternate"', `${line}<link rel="alternate"`);
    await context.route((url) => url.pathname.endsWith("/school/"), (route) => route.fulfill({ body: html, contentType: "text/html" }));
}
