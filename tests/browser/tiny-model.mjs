// A language model of 30,000 random weights in the files that a real one comes in: GGUF (version 3, as llama.cpp writes it) and
// safetensors with adapters. What it says is no English; that it says the same everywhere is what tests are about.

import { drawn } from "./drawn.mjs";

const SHAPE = { width: 32, heads: 4, kvHeads: 2, mlp: 48, layers: 3, adapted: 2, rank: 4 };
const MARKS = ["<|im_start|>", "<|im_end|>"];

/** GPT-2's letter for each byte (openai/gpt-2, encoder.py): those that can be seen stand for themselves. */
function lettersOfBytes() {
    const isSeen = (byte) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    let next = 256;
    return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(isSeen(byte) ? byte : next++));
}

/** A matrix of normal-like numbers with this deviation. */
function numbers(draw, count, deviation, around = 0) {
    return Float32Array.from({ length: count }, () => around + deviation * 2 * (draw() + draw() + draw() - 1.5));
}

/** The bytes of the model's GGUF file. */
export function tinyModel(seed = 1) {
    const { width, heads, kvHeads, mlp, layers } = SHAPE;
    const draw = drawn(seed);
    const tokens = [...MARKS, ...lettersOfBytes()];
    const keys = (width / heads) * kvHeads;
    const tensors = [["token_embd.weight", [width, tokens.length], 1], ["output_norm.weight", [width], 0.1, 1]];
    for (let layer = 0; layer < layers; layer++) {
        for (const [part, shape, deviation, around] of [
            ["attn_norm", [width], 0.1, 1], ["attn_q", [width, width], 0.5], ["attn_k", [width, keys], 0.5], ["attn_v", [width, keys], 0.5],
            ["attn_output", [width, width], 0.3], ["ffn_norm", [width], 0.1, 1], ["ffn_gate", [width, mlp], 0.5],
            ["ffn_up", [width, mlp], 0.5], ["ffn_down", [mlp, width], 0.3],
        ]) {
            tensors.push([`blk.${layer}.${part}.weight`, shape, deviation, around]);
        }
    }
    const [U32, F32, STRING, ARRAY, I32] = [4, 6, 8, 9, 5];
    const metadata = [
        ["general.architecture", STRING, "llama"],
        ["llama.block_count", U32, layers],
        ["llama.embedding_length", U32, width],
        ["llama.feed_forward_length", U32, mlp],
        ["llama.attention.head_count", U32, heads],
        ["llama.attention.head_count_kv", U32, kvHeads],
        ["llama.attention.layer_norm_rms_epsilon", F32, 1e-5],
        ["llama.rope.freq_base", F32, 10000],
        ["tokenizer.ggml.model", STRING, "gpt2"],
        ["tokenizer.ggml.tokens", ARRAY, STRING, tokens],
        ["tokenizer.ggml.token_type", ARRAY, I32, tokens.map((token) => (MARKS.includes(token) ? 3 : 1))],
        ["tokenizer.ggml.merges", ARRAY, STRING, []],
        ["tokenizer.ggml.eos_token_id", U32, 1],
    ];
    const parts = [];
    const word = (bytes, write) => parts.push(write(Buffer.alloc(bytes)));
    const count = (number) => word(8, (buffer) => (buffer.writeBigUInt64LE(BigInt(number)), buffer));
    const plain = {
        [U32]: (value) => word(4, (buffer) => (buffer.writeUInt32LE(value), buffer)),
        [I32]: (value) => word(4, (buffer) => (buffer.writeInt32LE(value), buffer)),
        [F32]: (value) => word(4, (buffer) => (buffer.writeFloatLE(value), buffer)),
        [STRING]: (value) => (count(Buffer.byteLength(value)), parts.push(Buffer.from(value))),
    };
    parts.push(Buffer.from("GGUF"));
    plain[U32](3);
    count(tensors.length);
    count(metadata.length);
    for (const [name, kind, value, values] of metadata) {
        plain[STRING](name);
        plain[U32](kind);
        if (kind === ARRAY) {
            plain[U32](value);
            count(values.length);
            values.forEach(plain[value]);
        } else {
            plain[kind](value);
        }
    }
    const padded = (bytes) => Math.ceil(bytes / 32) * 32;
    let offset = 0;
    const data = tensors.map(([name, shape, deviation, around]) => {
        const values = numbers(draw, shape.reduce((product, side) => product * side), deviation, around);
        plain[STRING](name);
        plain[U32](shape.length);
        shape.forEach(count);
        plain[U32](0);
        count(offset);
        const bytes = Buffer.alloc(padded(values.byteLength));
        bytes.set(new Uint8Array(values.buffer));
        offset += bytes.length;
        return bytes;
    });
    const head = Buffer.concat(parts);
    return Buffer.concat([head, Buffer.alloc(padded(head.length) - head.length), ...data]);
}

/** The bytes of a safetensors file with adapters that fit it, or another one with layers this wide. */
export function tinyAdapters(seed, mlp = SHAPE.mlp) {
    const { width, heads, kvHeads, layers, adapted, rank } = SHAPE;
    const draw = drawn(seed);
    const keys = (width / heads) * kvHeads;
    const header = {};
    const data = [];
    let from = 0;
    for (let layer = layers - adapted; layer < layers; layer++) {
        const sides = { qkv: [width, width + 2 * keys], attention_out: [width, width], gate_up: [width, 2 * mlp], down: [mlp, width] };
        for (const [part, [inputs, outputs]] of Object.entries(sides)) {
            for (const [side, shape] of [["inward", [inputs, rank]], ["outward", [rank, outputs]]]) {
                const bytes = Buffer.from(numbers(draw, shape[0] * shape[1], 0.1).buffer);
                header[`blocks.${layer}.${part}.${side}`] = { dtype: "F32", shape, data_offsets: [from, from + bytes.length] };
                from += bytes.length;
                data.push(bytes);
            }
        }
    }
    const text = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    return Buffer.concat([length, text, ...data]);
}
