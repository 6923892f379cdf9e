#!/usr/bin/env python3
"""The peer of `weft bench train`: the same step in Hugging Face PEFT, on the same cores, printing the same figures.

usage: peft_train.py SHAPE_OR_CONFIG_JSON [--method prompt-tuning] [--task CAUSAL_LM] [--batch 8] [--tokens 108] [--virtual-tokens 20] [--steps 10] [--threads 2]

needs: pip install torch transformers peft (measured with 2.13.0, 5.18.0, 0.21.0). Weights are random: only the shape matters.
"""
import argparse, json, os, pathlib, resource, statistics, time

methods = {
    'prompt-tuning': ('PromptTuningConfig', {}), 'prefix-tuning': ('PrefixTuningConfig', {}),
    'p-tuning': ('PromptEncoderConfig', {}), 'multitask-prompt-tuning': ('MultitaskPromptTuningConfig', {'num_tasks': 1}),
    'lora': ('LoraConfig', None), 'ia3': ('IA3Config', None), 'adaption-prompt': ('AdaptionPromptConfig', {'adapter_len': 20, 'adapter_layers': 4}),
    'full': None, 'linear-probe': None,
}
tasks = {
    'llama': 'CAUSAL_LM', 'mistral': 'CAUSAL_LM', 'qwen2': 'CAUSAL_LM', 'qwen3': 'CAUSAL_LM', 'gpt2': 'CAUSAL_LM',
    'bert': 'SEQ_CLS', 'roberta': 'SEQ_CLS', 't5': 'SEQ_2_SEQ_LM',
}

parser = argparse.ArgumentParser()
parser.add_argument('config')
parser.add_argument('--method', default='prompt-tuning', choices=methods)
parser.add_argument('--task', help="default: the family's first")
parser.add_argument('--batch', type=int, default=8)
parser.add_argument('--tokens', type=int, default=108)
parser.add_argument('--virtual-tokens', type=int, default=20)
parser.add_argument('--steps', type=int, default=10)
parser.add_argument('--threads', type=int, default=os.cpu_count())
a = parser.parse_args()

import peft, torch, transformers

# PEFT 0.21 asks transformers 5 for a method that was renamed.
mixin = transformers.generation.GenerationMixin
if not hasattr(mixin, '_prepare_encoder_decoder_kwargs_for_generation') and hasattr(mixin, '_prepare_text_encoder_decoder_kwargs_for_generation'):
    mixin._prepare_encoder_decoder_kwargs_for_generation = mixin._prepare_text_encoder_decoder_kwargs_for_generation

torch.set_num_threads(a.threads)
torch.manual_seed(0)
shape = pathlib.Path(__file__).parent / 'shapes' / f'{a.config}.json'
settings = json.load(open(shape if shape.exists() else a.config))
settings.pop('dtype', None), settings.pop('torch_dtype', None)
config = transformers.AutoConfig.for_model(**settings)
task = a.task or tasks[settings['model_type']]
# No dropout, as there.
for name in vars(config):
    if name.endswith(('dropout', 'dropout_prob', 'dropout_rate', '_pdrop')):
        setattr(config, name, 0.0)
if config.pad_token_id is None:
    config.pad_token_id = 0
kind = {'CAUSAL_LM': 'AutoModelForCausalLM', 'SEQ_CLS': 'AutoModelForSequenceClassification', 'TOKEN_CLS': 'AutoModelForTokenClassification', 'SEQ_2_SEQ_LM': 'AutoModelForSeq2SeqLM'}[task]
model = getattr(transformers, kind).from_config(config)
if methods[a.method]:
    name, options = methods[a.method]
    virtual = {} if options is None or name == 'AdaptionPromptConfig' else {'num_virtual_tokens': a.virtual_tokens}
    model = peft.get_peft_model(model, getattr(peft, name)(task_type=task, **virtual, **(options or {})))
elif a.method == 'linear-probe':
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.startswith(('score', 'classifier'))
model.train()
trained = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(trained, lr=1e-4)
ids = torch.randint(3, config.vocab_size, (a.batch, a.tokens))
batch = {'input_ids': ids, 'attention_mask': torch.ones_like(ids)}
batch['labels'] = torch.zeros(a.batch, dtype=torch.long) if task == 'SEQ_CLS' else torch.zeros_like(ids) if task == 'TOKEN_CLS' else ids
if a.method == 'multitask-prompt-tuning':
    batch['task_ids'] = torch.zeros(a.batch, dtype=torch.long)

times, cpu_times = [], []
for step in range(a.steps + 2):  # two steps of warm-up
    start, cpu = time.perf_counter(), time.process_time()
    loss = model(**batch).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(trained, 1.0)
    optimizer.step()
    optimizer.zero_grad()
    if step >= 2:
        times.append((time.perf_counter() - start) * 1e3)
        cpu_times.append((time.process_time() - cpu) * 1e3)

median = statistics.median(times)
print(json.dumps({
    'peer': 'peft', 'method': a.method, 'task': task, 'batch': a.batch, 'tokens': a.tokens, 'virtual_tokens': a.virtual_tokens,
    'parameters': sum(p.numel() for p in trained),
    'step_ms_median': round(median, 1), 'step_ms_min': round(min(times), 1),
    'tokens_per_s': round(a.batch * a.tokens / median * 1e3, 1),
    'peak_mb': round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    'cpu_ms_min': round(min(cpu_times), 1),
}))
