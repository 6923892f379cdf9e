#!/usr/bin/env python3
"""The peer of `weft bench train`: the same step in Hugging Face PEFT, on the same cores, printing the same figures.

usage: peft_train.py SHAPE_CONFIG_JSON_OR_FOLDER [--method prompt-tuning[,lora…]] [--task CAUSAL_LM] [--batch 8] [--tokens 108] [--virtual-tokens 20] [--steps 10] [--threads 2]
                     [--data FILE]   rows of a training file ({text}, {prompt, completion} or {text, label}) in random order, padded to the longest
                                     of each batch as the default collators do; needs a model folder with a tokenizer; adds real_tokens_per_s
                     [--bfloat16]    the frozen model in bfloat16
                     [--device cuda] on the card; adds card_mb (PyTorch's at most) and, where the driver tells it, card_process_mb
One line of JSON for each method, one after another: what a card is given, it is given back.

needs: pip install torch transformers peft (measured with 2.13.0, 5.18.0, 0.21.0). Weights are random: only the shape matters.
"""
import argparse, gc, json, os, pathlib, resource, statistics, subprocess, time

methods = {
    'prompt-tuning': ('PromptTuningConfig', {}), 'prefix-tuning': ('PrefixTuningConfig', {}),
    'p-tuning': ('PromptEncoderConfig', {}), 'multitask-prompt-tuning': ('MultitaskPromptTuningConfig', {'num_tasks': 1}),
    'lora': ('LoraConfig', None), 'ia3': ('IA3Config', None), 'adaption-prompt': ('AdaptionPromptConfig', {'adapter_len': 20, 'adapter_layers': 4}),
    'full': None, 'linear-probe': None,
}
tasks = {
    'llama': 'CAUSAL_LM', 'mistral': 'CAUSAL_LM', 'qwen2': 'CAUSAL_LM', 'qwen3': 'CAUSAL_LM', 'smollm3': 'CAUSAL_LM', 'olmo2': 'CAUSAL_LM', 'granite': 'CAUSAL_LM',
    'phi3': 'CAUSAL_LM', 'gpt2': 'CAUSAL_LM',
    'bert': 'SEQ_CLS', 'roberta': 'SEQ_CLS', 'xlm-roberta': 'SEQ_CLS', 'camembert': 'SEQ_CLS', 'distilbert': 'SEQ_CLS', 'electra': 'SEQ_CLS', 'mpnet': 'SEQ_CLS',
    't5': 'SEQ_2_SEQ_LM', 'mt5': 'SEQ_2_SEQ_LM',
}

parser = argparse.ArgumentParser()
parser.add_argument('config')
parser.add_argument('--method', default='prompt-tuning', help=', '.join(methods) + '; several with commas between')
parser.add_argument('--task', help="default: the family's first")
parser.add_argument('--batch', type=int, default=8)
parser.add_argument('--tokens', type=int, default=108)
parser.add_argument('--virtual-tokens', type=int, default=20)
parser.add_argument('--steps', type=int, default=10)
parser.add_argument('--data')
parser.add_argument('--bfloat16', action='store_true')
parser.add_argument('--device', default='cpu', choices=('cpu', 'cuda'))
parser.add_argument('--threads', type=int, default=os.cpu_count())
a = parser.parse_args()
for each in a.method.split(','):
    if each not in methods:
        parser.error(f"argument --method: invalid choice: '{each}' (choose from {', '.join(methods)})")

import peft, torch, transformers

# PEFT 0.21 asks transformers 5 for a method that was renamed.
mixin = transformers.generation.GenerationMixin
if not hasattr(mixin, '_prepare_encoder_decoder_kwargs_for_generation') and hasattr(mixin, '_prepare_text_encoder_decoder_kwargs_for_generation'):
    mixin._prepare_encoder_decoder_kwargs_for_generation = mixin._prepare_text_encoder_decoder_kwargs_for_generation

torch.set_num_threads(a.threads)
torch.manual_seed(0)
shape = pathlib.Path(__file__).parent / 'shapes' / f'{a.config}.json'
file = shape if shape.exists() else pathlib.Path(a.config)
settings = json.load(open(file / 'config.json' if file.is_dir() else file))
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


def file_batches():
    """Batches of a file's rows in random order, as `DataLoader(shuffle=True)` with the default collators makes them."""
    import random
    tokenizer = transformers.AutoTokenizer.from_pretrained(a.config)
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    rows = [json.loads(line) for line in open(a.data) if line.strip()]
    labels = sorted({row['label'] for row in rows if 'label' in row})
    if task == 'SEQ_CLS' and not labels:
        raise SystemExit('classification needs {"text", "label"} rows')
    longest = min(512, config.max_position_embeddings - a.virtual_tokens)
    random.Random(0).shuffle(rows)
    while True:
        for at in range(0, len(rows) - a.batch + 1, a.batch):
            some = rows[at:at + a.batch]
            texts = [row['text'] if 'text' in row else row['prompt'] + row['completion'] for row in some]
            encoded = dict(tokenizer(texts, truncation=True, max_length=longest, padding='longest', return_tensors='pt'))
            if task == 'SEQ_CLS':
                encoded['labels'] = torch.tensor([labels.index(row['label']) for row in some])
            else:
                encoded['labels'] = encoded['input_ids'].masked_fill(encoded['attention_mask'] == 0, -100)
            yield {name: tensor.to(a.device) for name, tensor in encoded.items()}


def adapted(method):
    """The model with the method's parameters on it, and a batch of random tokens that are all learned. Made on the device: a large shape takes minutes on a processor."""
    with torch.device(a.device):
        model = getattr(transformers, kind).from_config(config, dtype=torch.bfloat16 if a.bfloat16 else torch.float32)
    if methods[method]:
        name, options = methods[method]
        virtual = {} if options is None or name == 'AdaptionPromptConfig' else {'num_virtual_tokens': a.virtual_tokens}
        model = peft.get_peft_model(model, getattr(peft, name)(task_type=task, **virtual, **(options or {})))
    elif method == 'linear-probe':
        for name, parameter in model.named_parameters():
            parameter.requires_grad = name.startswith(('score', 'classifier'))
    model = model.to(a.device)
    model.train()
    ids = torch.randint(3, config.vocab_size, (a.batch, a.tokens), device=a.device)
    batch = {'input_ids': ids, 'attention_mask': torch.ones_like(ids)}
    batch['labels'] = torch.zeros(a.batch, dtype=torch.long, device=a.device) if task == 'SEQ_CLS' else torch.zeros_like(ids) if task == 'TOKEN_CLS' else ids
    if method == 'multitask-prompt-tuning':
        batch['task_ids'] = torch.zeros(a.batch, dtype=torch.long, device=a.device)
    return model, batch


def card_process():
    """What the driver counts for this process: PyTorch's memory and CUDA's own."""
    used = subprocess.run(['nvidia-smi', '--query-compute-apps=pid,used_memory', '--format=csv,noheader,nounits'], capture_output=True, text=True).stdout
    mine = [int(line.split(',')[1]) for line in used.splitlines() if line.split(',')[0].strip() == str(os.getpid())]
    return {'card_process_mb': mine[0]} if mine else {}


def measure(method):
    if a.device == 'cuda':
        torch.cuda.reset_peak_memory_stats()
    model, batch = adapted(method)
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-4)

    def step_on(batch):
        loss = model(**batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        if a.device == 'cuda':
            torch.cuda.synchronize()

    times, cpu_times = [], []
    for step in range(a.steps + 2):  # two steps of warm-up
        start, cpu = time.perf_counter(), time.process_time()
        step_on(batch)
        if step >= 2:
            times.append((time.perf_counter() - start) * 1e3)
            cpu_times.append((time.process_time() - cpu) * 1e3)

    of_file = {}
    if a.data:
        batches = file_batches()
        step_on(next(batches))
        some = [next(batches) for _ in range(a.steps)]
        real = sum(int(batch['attention_mask'].sum()) for batch in some)
        start, cpu = time.perf_counter(), time.process_time()
        for batch in some:
            step_on(batch)
        of_file = {
            'real_tokens_per_s': round(real / (time.perf_counter() - start), 1), 'real_tokens_per_cpu_s': round(real / (time.process_time() - cpu), 1),
            'padding_share': round(1 - real / sum(batch['attention_mask'].numel() for batch in some), 3),
        }

    median = statistics.median(times)
    on_card = {'card_mb': round(torch.cuda.max_memory_reserved() / 2**20, 1), **card_process()} if a.device == 'cuda' else {}
    return {
        'peer': 'peft', 'method': method, 'task': task, 'batch': a.batch, 'tokens': a.tokens, 'virtual_tokens': a.virtual_tokens,
        'parameters': sum(p.numel() for p in trained),
        'step_ms_median': round(median, 1), 'step_ms_min': round(min(times), 1),
        'tokens_per_s': round(a.batch * a.tokens / median * 1e3, 1),
        'peak_mb': round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        'cpu_ms_min': round(min(cpu_times), 1), **of_file, **on_card,
    }


for method in a.method.split(','):
    print(json.dumps(measure(method)), flush=True)
    gc.collect()
    if a.device == 'cuda':
        torch.cuda.empty_cache()
