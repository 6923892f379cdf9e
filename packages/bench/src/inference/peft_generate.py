#!/usr/bin/env python3
"""The peer of `weft bench mix`: as many adapters, each answering one prompt, one after another in Hugging Face PEFT on the same cores.

usage: peft_generate.py MODEL_DIR [--kind lora|prefix] [--adapters 16] [--prompt-tokens 32] [--tokens 64] [--virtual-tokens 20] [--rank 8] [--rounds 3] [--threads 2]

needs: pip install torch transformers peft (measured with 2.13.0, 5.18.0, 0.21.0). Prints one line of JSON; `tokens_per_s` is to be set against `composed_tokens_per_s`.
"""
import argparse, json, os, resource, statistics, time

parser = argparse.ArgumentParser()
parser.add_argument('model')
parser.add_argument('--kind', default='lora', choices=['lora', 'prefix'])
parser.add_argument('--adapters', type=int, default=16)
parser.add_argument('--prompt-tokens', type=int, default=32)
parser.add_argument('--tokens', type=int, default=64)
parser.add_argument('--virtual-tokens', type=int, default=20)
parser.add_argument('--rank', type=int, default=8)
parser.add_argument('--rounds', type=int, default=3)
parser.add_argument('--threads', type=int, default=os.cpu_count())
a = parser.parse_args()

import peft, torch, transformers

# PEFT 0.21 asks transformers 5 for a method that was renamed.
mixin = transformers.generation.GenerationMixin
if not hasattr(mixin, '_prepare_encoder_decoder_kwargs_for_generation') and hasattr(mixin, '_prepare_text_encoder_decoder_kwargs_for_generation'):
    mixin._prepare_encoder_decoder_kwargs_for_generation = mixin._prepare_text_encoder_decoder_kwargs_for_generation

torch.set_num_threads(a.threads)
torch.manual_seed(0)
base = transformers.AutoModelForCausalLM.from_pretrained(a.model, dtype=torch.float32)
configs = {
    'lora': lambda: peft.LoraConfig(task_type='CAUSAL_LM', r=a.rank, init_lora_weights=False),
    'prefix': lambda: peft.PrefixTuningConfig(task_type='CAUSAL_LM', num_virtual_tokens=a.virtual_tokens),
}
model = peft.get_peft_model(base, configs[a.kind](), adapter_name='a0')
for i in range(1, a.adapters):
    model.add_adapter(f'a{i}', configs[a.kind]())
model.eval()

def answer(adapter):
    """Tokens generated, greedy, all of them: no end-of-text token stops it."""
    model.set_adapter(adapter)
    prompt = torch.randint(0, min(base.config.vocab_size, 20000), (1, a.prompt_tokens))
    with torch.inference_mode():
        out = model.generate(
            input_ids=prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=a.tokens, min_new_tokens=a.tokens, do_sample=False, pad_token_id=0
        )
    return out.shape[1] - a.prompt_tokens

answer('a0')
rounds, cpu = [], []
for _ in range(a.rounds):
    start, before = time.perf_counter(), time.process_time()
    count = sum(answer(f'a{i}') for i in range(a.adapters))
    rounds.append(count / (time.perf_counter() - start))
    cpu.append(1000 * (time.process_time() - before) / count)
print(json.dumps({
    'kind': a.kind, 'adapters': a.adapters, 'prompt_tokens': a.prompt_tokens, 'new_tokens': a.tokens, 'threads': a.threads,
    'tokens_per_s': round(statistics.median(rounds), 1), 'cpu_ms_per_token': round(statistics.median(cpu), 3),
    'peak_mb': round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
}))
