"""An independent float64 reference of the benchmark's training step, in numpy.

    python3 tests/bench/reference.py FOLDER A B tiny

writes <name>.json and <name>.bin, the workload that /bench.html?... reads with `data_url`, and
<name>.expected.json: the first three losses and the greedy continuations. `tiny` is what the tests
have in tests/bench/data. It shares no code with the engine, and leaves out speed.
"""

import json
import pathlib
import sys

import numpy as np

#         vocabulary, context, width, layers, heads, sequences, prompts, prompt length
SIZES = {
    "A": (256, 32, 64, 2, 4, 64, 64, 8),
    "B": (512, 32, 128, 4, 4, 64, 64, 8),
    "tiny": (24, 20, 16, 2, 2, 3, 4, 4),
}
GELU, CUBE = np.sqrt(2 / np.pi), 0.044715


def initial(rng, vocabulary, context, width, layers):
    normal = lambda *shape, deviation=0.02: rng.normal(0, deviation, shape).astype(np.float32)
    ones = lambda *shape: np.ones(shape, np.float32)
    weights = {"tok_emb": normal(vocabulary, width), "pos_emb": normal(context, width)}
    for n in range(layers):
        weights |= {
            f"h.{n}.ln1.g": ones(width),
            f"h.{n}.ln1.b": normal(width),
            f"h.{n}.attn.qkv.w": normal(width, 3 * width),
            f"h.{n}.attn.qkv.b": normal(3 * width),
            f"h.{n}.attn.proj.w": normal(width, width),
            f"h.{n}.attn.proj.b": normal(width),
            f"h.{n}.ln2.g": ones(width),
            f"h.{n}.ln2.b": normal(width),
            f"h.{n}.mlp.fc.w": normal(width, 4 * width),
            f"h.{n}.mlp.fc.b": normal(4 * width),
            f"h.{n}.mlp.proj.w": normal(4 * width, width),
            f"h.{n}.mlp.proj.b": normal(width),
        }
    return weights | {"ln_f.g": ones(width), "ln_f.b": normal(width), "head": normal(width, vocabulary)}


def norm(x, scale, shift):
    centred = x - x.mean(-1, keepdims=True)
    reciprocal = 1 / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5)
    return centred * reciprocal * scale + shift, (centred * reciprocal, reciprocal, scale)


def norm_backward(upstream, tape):
    hat, reciprocal, scale = tape
    slope = upstream * scale
    down = reciprocal * (slope - slope.mean(-1, keepdims=True) - hat * (slope * hat).mean(-1, keepdims=True))
    rows = tuple(range(upstream.ndim - 1))
    return down, (upstream * hat).sum(rows), upstream.sum(rows)


def forward(weights, tokens, heads, layers):
    """Logits [sequence, time, vocabulary], and what the way back needs."""
    count, time = tokens.shape
    width = weights["tok_emb"].shape[1]
    split = lambda x: x.reshape(count, time, heads, -1).transpose(0, 2, 1, 3)
    future = np.triu(np.ones((time, time), bool), 1)
    x, tape = weights["tok_emb"][tokens] + weights["pos_emb"][:time], []
    for n in range(layers):
        w = lambda name: weights[f"h.{n}.{name}"]
        read, norm1 = norm(x, w("ln1.g"), w("ln1.b"))
        query, key, value = map(split, np.split(read @ w("attn.qkv.w") + w("attn.qkv.b"), 3, -1))
        scores = np.where(future, -np.inf, query @ key.transpose(0, 1, 3, 2) / np.sqrt(width // heads))
        attention = np.exp(scores - scores.max(-1, keepdims=True))
        attention /= attention.sum(-1, keepdims=True)
        mixed = (attention @ value).transpose(0, 2, 1, 3).reshape(count, time, width)
        x = x + mixed @ w("attn.proj.w") + w("attn.proj.b")
        seen, norm2 = norm(x, w("ln2.g"), w("ln2.b"))
        hidden = seen @ w("mlp.fc.w") + w("mlp.fc.b")
        gate = np.tanh(GELU * (hidden + CUBE * hidden**3))
        x = x + (0.5 * hidden * (1 + gate)) @ w("mlp.proj.w") + w("mlp.proj.b")
        tape.append((read, norm1, query, key, value, attention, mixed, seen, norm2, hidden, gate))
    final, last = norm(x, weights["ln_f.g"], weights["ln_f.b"])
    return final @ weights["head"], (tape, final, last)


def loss_and_gradient(weights, batch, loss_weights, heads, layers):
    tokens, targets = batch[:, :-1], batch[:, 1:, None]
    count, time = tokens.shape
    logits, (tape, final, last) = forward(weights, tokens, heads, layers)
    logits = logits - logits.max(-1, keepdims=True)
    log_probs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, targets, -1)[..., 0]
    loss = -(loss_weights * chosen).mean()

    flat = lambda x: x.reshape(-1, x.shape[-1])
    merge = lambda x: x.transpose(0, 2, 1, 3).reshape(count, time, -1)
    width = weights["tok_emb"].shape[1]
    gradient = {}
    slope = np.exp(log_probs)
    np.put_along_axis(slope, targets, np.take_along_axis(slope, targets, -1) - 1, -1)
    slope *= loss_weights[..., None] / (count * time)
    gradient["head"] = flat(final).T @ flat(slope)
    down, gradient["ln_f.g"], gradient["ln_f.b"] = norm_backward(slope @ weights["head"].T, last)
    for n in reversed(range(layers)):
        w = lambda name: weights[f"h.{n}.{name}"]
        read, norm1, query, key, value, attention, mixed, seen, norm2, hidden, gate = tape[n]

        def linear(name, x, upstream):
            gradient[f"h.{n}.{name}.w"] = flat(x).T @ flat(upstream)
            gradient[f"h.{n}.{name}.b"] = flat(upstream).sum(0)
            return upstream @ w(f"{name}.w").T

        inner = GELU * (1 + 3 * CUBE * hidden**2)
        gelu_slope = 0.5 * (1 + gate) + 0.5 * hidden * (1 - gate**2) * inner
        up = linear("mlp.proj", 0.5 * hidden * (1 + gate), down) * gelu_slope
        more, *both = norm_backward(linear("mlp.fc", seen, up), norm2)
        gradient[f"h.{n}.ln2.g"], gradient[f"h.{n}.ln2.b"] = both
        down = down + more
        up = linear("attn.proj", mixed, down).reshape(count, time, heads, -1).transpose(0, 2, 1, 3)
        scores = up @ value.transpose(0, 1, 3, 2)
        scores = attention * (scores - (scores * attention).sum(-1, keepdims=True)) / np.sqrt(width // heads)
        parts = scores @ key, scores.transpose(0, 1, 3, 2) @ query, attention.transpose(0, 1, 3, 2) @ up
        up = linear("attn.qkv", read, np.concatenate([merge(part) for part in parts], -1))
        more, *both = norm_backward(up, norm1)
        gradient[f"h.{n}.ln1.g"], gradient[f"h.{n}.ln1.b"] = both
        down = down + more
    gradient["tok_emb"], gradient["pos_emb"] = np.zeros_like(weights["tok_emb"]), np.zeros_like(weights["pos_emb"])
    np.add.at(gradient["tok_emb"], tokens, down)
    gradient["pos_emb"][:time] = down.sum(0)
    return loss, gradient


def adamw(weights, gradient, moments, step):
    for name, slope in gradient.items():
        first, second = moments[name]
        first += 0.1 * (slope - first)
        second += 0.001 * (slope**2 - second)
        root = np.sqrt(second / (1 - 0.999**step)) + 1e-8
        weights[name] = weights[name] * (1 - 1e-3 * 0.01) - 1e-3 * first / (1 - 0.9**step) / root


def write(folder, name):
    vocabulary, context, width, layers, heads, sequences, prompts, length = SIZES[name]
    rng = np.random.default_rng(0)
    params = initial(rng, vocabulary, context, width, layers)
    arrays = {
        "train_tokens": rng.integers(0, vocabulary, (8, sequences, context + 1)).astype(np.int32),
        "train_weights": rng.uniform(0.5, 1.5, (8, sequences, context)).astype(np.float32),
        "prompts": rng.integers(0, vocabulary, (prompts, length)).astype(np.int32),
    }
    sizes = {"vocab": vocabulary, "context": context, "d": width, "layers": layers, "heads": heads}
    manifest, numbers = {"config": sizes, "params": []}, b""
    for key, array in (params | arrays).items():
        entry = {"shape": array.shape, "byte_offset": len(numbers), "count": array.size}
        if key in params:
            manifest["params"].append({"name": key, **entry})
        else:
            manifest[key] = {"dtype": "i32" if array.dtype == np.int32 else "f32", **entry}
        numbers += array.tobytes()

    weights = {key: array.astype(np.float64) for key, array in params.items()}
    tokens = arrays["prompts"]
    for _ in range(16):
        logits, _ = forward(weights, tokens, heads, layers)
        tokens = np.concatenate([tokens, logits[:, -1:].argmax(-1)], 1)
    moments = {key: (np.zeros_like(array), np.zeros_like(array)) for key, array in weights.items()}
    losses = []
    for step in range(3):
        batch = arrays["train_tokens"][step], arrays["train_weights"][step].astype(np.float64)
        loss, gradient = loss_and_gradient(weights, *batch, heads, layers)
        adamw(weights, gradient, moments, step + 1)
        losses.append(float(loss))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(manifest))
    (folder / f"{name}.bin").write_bytes(numbers)
    expected = {"losses": losses, "greedy": tokens[:, length:].ravel().tolist()}
    (folder / f"{name}.expected.json").write_text(json.dumps(expected))
    print(name, losses)


if __name__ == "__main__":
    for name in sys.argv[2:] or sys.exit(__doc__):
        write(pathlib.Path(sys.argv[1]), name)
