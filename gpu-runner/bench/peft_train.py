#!/usr/bin/env python3
"""The peer of `weft bench train`: the same step in Hugging Face PEFT, on the same cores, printing the same figures.

usage: peft_train.py CONFIG_JSON [--method prompt-tuning|prefix-tuning] [--batch 8] [--tokens 108] [--virtual-tokens 20] [--steps 10] [--threads 2]

needs: pip install torch transformers peft (measured with 2.13.0, 5.18.0, 0.21.0). Weights are random: only the shape matters.
"""
import argparse, json, os, resource, statistics, time

parser = argparse.ArgumentParser()
parser.add_argument('config')
parser.add_argument('--method', default='prompt-tuning')
parser.add_argument('--batch', type=int, default=8)
parser.add_argument('--tokens', type=int, default=108)
parser.add_argument('--virtual-tokens', type=int, default=20)
parser.add_argument('--steps', type=int, default=10)
parser.add_argument('--threads', type=int, default=os.cpu_count())
a = parser.parse_args()

import torch
from peft import PrefixTuningConfig, PromptTuningConfig, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM

torch.set_num_threads(a.threads)
torch.manual_seed(0)
settings = json.load(open(a.config))
settings.pop('dtype', None), settings.pop('torch_dtype', None)
config = LlamaConfig(**settings)
model = LlamaForCausalLM(config)
kind = {'prompt-tuning': PromptTuningConfig, 'prefix-tuning': PrefixTuningConfig}[a.method]
model = get_peft_model(model, kind(task_type='CAUSAL_LM', num_virtual_tokens=a.virtual_tokens))
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-2)
ids = torch.randint(0, config.vocab_size, (a.batch, a.tokens))
mask = torch.ones_like(ids)

times = []
for step in range(a.steps + 2):  # two steps of warm-up
    start = time.perf_counter()
    loss = model(input_ids=ids, attention_mask=mask, labels=ids).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    if step >= 2:
        times.append((time.perf_counter() - start) * 1e3)

median = statistics.median(times)
print(json.dumps({
    'peer': 'peft', 'method': a.method, 'batch': a.batch, 'tokens': a.tokens, 'virtual_tokens': a.virtual_tokens,
    'step_ms_median': round(median, 1), 'step_ms_min': round(min(times), 1),
    'tokens_per_s': round(a.batch * a.tokens / median * 1e3, 1),
    'peak_mb': round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
}))
