"""What an update of the real language model takes in PyTorch: sampling, and a policy gradient through LoRA.

    RAYON_NUM_THREADS=1 target/release/hedgerow language-model bench --model SmolLM2-135M-Instruct.Q4_1.gguf
    OMP_NUM_THREADS=1 python3 tests/bench/language_model.py SmolLM2-135M-Instruct.Q4_1.gguf

The work is that of `hedgerow language-model bench`: 8 questions × 5 answers × 18 tokens, which no end cuts short,
sampled by the policy with merged adapters and a cache; then the gradient of Σ −log p(token) + 0.02 KL(policy ‖
reference) with adapters of rank 16 on all projections of the upper 18 blocks, clipping and AdamW. It is written as
one would with transformers: answers to one question are rows of a batch, each with its prompt. Prints seconds, the
fastest of three. Leaves out what is done with the answers.
"""

import pathlib
import sys
import time

import torch
from torch.nn import functional
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

COUNTRIES = ["Nigeria", "Ethiopia", "Egypt", "Ghana", "Kenya", "Uganda", "Morocco", "Algeria"]
COMPLETIONS, TOKENS, RANK, BLOCKS, ALPHA, KL, RUNS = 5, 18, 16, 18, 32.0, 0.02, 3


class Adapted(torch.nn.Module):
    """A projection with what an adapter adds to it, which can be switched off."""

    def __init__(self, inner: torch.nn.Linear):
        super().__init__()
        self.inner, self.on = inner, True
        kind = inner.weight.dtype
        self.inward = torch.nn.Parameter(torch.randn(inner.in_features, RANK, dtype=kind) * inner.in_features**-0.5)
        self.outward = torch.nn.Parameter(torch.zeros(RANK, inner.out_features, dtype=kind))

    def forward(self, rows):
        product = self.inner(rows)
        return product + (rows @ self.inward @ self.outward) * (ALPHA / RANK) if self.on else product


def load(path: pathlib.Path, kind: torch.dtype):
    arguments = dict(pretrained_model_name_or_path=path.parent, gguf_file=path.name)
    # Packed weights would be unpacked for each product, which is slower.
    unpacked = GgufConfig(dequantize=True)
    model = AutoModelForCausalLM.from_pretrained(**arguments, dtype=kind, quantization_config=unpacked).eval()
    model.lm_head.weight = model.get_input_embeddings().weight
    model.requires_grad_(False)
    return AutoTokenizer.from_pretrained(**arguments), model


def prompts(tokenizer):
    """Rows padded on the left, and which of their tokens count."""
    chats = [[{"role": "user", "content": f"Which continent is {country} in?"}] for country in COUNTRIES]
    texts = [tokenizer.apply_chat_template(chat, add_generation_prompt=True, tokenize=False) for chat in chats]
    rows = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in texts]
    longest = max(map(len, rows))
    tokens = torch.tensor([[0] * (longest - len(row)) + row for row in rows]).repeat_interleave(COMPLETIONS, 0)
    mask = torch.tensor([[0] * (longest - len(row)) + [1] * len(row) for row in rows])
    return tokens, mask.repeat_interleave(COMPLETIONS, 0)


def positions(mask):
    return (mask.cumsum(1) - 1).clamp(min=0)


@torch.no_grad()
def sample(model, tokens, mask):
    cache, read = None, tokens
    for _ in range(TOKENS):
        places = positions(mask)[:, -read.shape[1] :]
        output = model(read, attention_mask=mask, position_ids=places, past_key_values=cache, use_cache=True)
        cache = output.past_key_values
        read = torch.multinomial(functional.softmax(output.logits[:, -1].float(), -1), 1)
        tokens = torch.cat([tokens, read], 1)
        mask = torch.cat([mask, torch.ones_like(read)], 1)
    return tokens, mask


def learn(model, adapted, optimiser, tokens, mask):
    def log_probs():
        output = model.model(tokens, attention_mask=mask, position_ids=positions(mask))
        return functional.log_softmax(model.lm_head(output.last_hidden_state[:, -TOKENS - 1 : -1]).float(), -1)

    with torch.no_grad():
        for layer in adapted:
            layer.on = False
        reference = log_probs()
        for layer in adapted:
            layer.on = True
    policy = log_probs()
    said = policy.gather(2, tokens[:, -TOKENS:, None])
    loss = (KL * (policy.exp() * (policy - reference)).sum() - said.sum()) / tokens.shape[0]
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_([number for group in optimiser.param_groups for number in group["params"]], 1.0)
    optimiser.step()


def main(path: pathlib.Path):
    for kind in [torch.float32, torch.bfloat16]:
        torch.manual_seed(0)
        tokenizer, model = load(path, kind)
        tokens, mask = prompts(tokenizer)
        policy = torch.nn.ModuleList()
        sampling = min(timed(lambda: sample(model, tokens, mask)) for _ in range(RUNS))
        answered, answered_mask = sample(model, tokens, mask)
        for block in model.model.layers[-BLOCKS:]:
            for part in (block.self_attn, block.mlp):
                for name, layer in list(part.named_children()):
                    if isinstance(layer, torch.nn.Linear):
                        policy.append(Adapted(layer))
                        setattr(part, name, policy[-1])
        numbers = [number for number in policy.parameters() if number.requires_grad]
        optimiser = torch.optim.AdamW(numbers, lr=5e-4, betas=(0.9, 0.95), weight_decay=0.0)
        learning = min(timed(lambda: learn(model, policy, optimiser, answered, answered_mask)) for _ in range(RUNS))
        count = answered.shape[0] * TOKENS
        print(
            f"{kind}, {torch.get_num_threads()} threads: sampling {sampling:.1f} s ({count / sampling:.0f} tokens/s), "
            f"learning {learning:.1f} s"
        )


def timed(work) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


main(pathlib.Path(sys.argv[1]))
