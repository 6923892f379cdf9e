import { expect, test } from 'vitest'
import { brought } from '../support/peft-checkpoint.ts'
import { refused } from '../support/refused.ts'

const lora = 'gpt2/lora.causal_lm'

test('a setting that is not known is refused by its field, unless it says nothing', async () => {
  for (const name of [lora, 'gpt2/ia3.causal_lm', 'llama/adaption-prompt.causal_lm', 'gpt2/p-tuning-lstm.causal_lm', 'llama/prefix-tuning.causal_lm']) {
    const own = await brought(name, () => {})
    const beside = (said: unknown) => brought(name, ({ config }) => ({ config: { ...config, use_magic: said } }))
    for (const said of [true, 0.5, 'some', ['some'], { some: 1 }])
      await expect(beside(said)).rejects.toThrow(refused('peft_unsupported', 'its use_magic is not supported', 'Take out of adapter_config.json'))
    for (const nothing of [null, false, 0, '', [], {}]) expect(await beside(nothing)).toEqual(own)
  }
  // Of another method, or of PEFT's earliest releases where it computes.
  for (const field of ['prefix_projection', 'enable_lora', 'lora_bias', 'layer_replication', 'target_parameters', 'trainable_token_indices'])
    await expect(brought(lora, ({ config }) => ({ config: { ...config, [field]: [1] } }))).rejects.toThrow(refused('peft_unsupported', `its ${field} is`))
})

test('what PEFT writes of a training, and nothing of a finished checkpoint reads, passes', async () => {
  const passes = async (name: string, fields: Record<string, unknown>) =>
    expect(await brought(name, ({ config }) => ({ config: { ...config, ...fields } }))).toEqual(await brought(name, () => {}))
  const named = {
    auto_mapping: { base_model_class: 'GPT2LMHeadModel', parent_library: 'transformers.models.gpt2.modeling_gpt2', unsloth_fixed: true },
    base_model_name_or_path: 'openai-community/gpt2',
    inference_mode: false,
    peft_version: '0.17.1',
    revision: 'main',
  }
  await passes(lora, {
    ...named,
    megatron_core: 'megatron.core',
    megatron_config: { tensor_model_parallel_size: 1 },
    qalora_group_size: 16,
    loftq_config: { loftq_bits: 4 },
    eva_config: { rho: 2 },
    ensure_weight_tying: true,
    lora_dropout: 0.05,
    merge_weights: false,
    enable_lora: null,
  })
  await passes('gpt2/prompt-tuning.causal_lm', { ...named, tokenizer_name_or_path: 'openai-community/gpt2', tokenizer_kwargs: { use_fast: true } })
  await passes('gpt2/prefix-tuning.causal_lm', { ...named, init_weights: 'zero', encoder_hidden_size: 768 })
  await passes('llama/p-tuning-mlp.causal_lm', { ...named, encoder_num_layers: 7, encoder_dropout: 0.1 })
  await passes('gpt2/multitask-prompt-tuning.causal_lm', {
    ...named,
    prompt_tuning_init: 'EXACT_SOURCE_TASK',
    prompt_tuning_init_state_dict_path: 'source.pt',
    prompt_tuning_init_task: 2,
    tokenizer_name_or_path: 'openai-community/gpt2',
  })
})

test('what PEFT cannot load is refused, and what it leaves out has its defaults', async () => {
  for (const field of ['r', 'lora_alpha', 'bias'])
    await expect(brought(lora, ({ config }) => ({ config: { ...config, [field]: null } }))).rejects.toThrow(
      refused('invalid_config', `adapter_config.${field}`),
    )
  const { manifest } = await brought(lora, ({ config: { lora_alpha: _, bias: __, ...config } }) => ({ config }))
  expect(manifest.config).toMatchObject({ loraAlpha: 8, bias: 'none' })
  // Heads divide the rows of a prefix; to a prompt they are nothing.
  const heads = (name: string) => brought(name, ({ config }) => ({ config: { ...config, num_attention_heads: 9 } }))
  await expect(heads('llama/prefix-tuning.causal_lm')).rejects.toThrow(refused('wrong_base_model', 'num_attention_heads is 9'))
  await expect(heads('llama/prompt-tuning.causal_lm')).resolves.toBeDefined()
})

test('labels are as many as the head has classes, each with a name of its own', async () => {
  const name = 'gpt2/prompt-tuning.seq_cls'
  const { manifest } = await brought(name, () => {})
  expect(manifest.labels).toEqual(['LABEL_0', 'LABEL_1', 'LABEL_2'])
  expect((await brought(name, () => {}, { labels: ['a', 'b', 'c, d'] })).manifest.labels).toEqual(['a', 'b', 'c, d'])
  for (const empty of ['', '  ']) await expect(brought(name, () => {}, { labels: ['a', empty, 'b'] })).rejects.toThrow(refused('peft_unsupported', 'is empty'))
  await expect(brought(name, () => {}, { labels: ['a', 'b', 'a'] })).rejects.toThrow(refused('peft_unsupported', '"a" was named twice'))
  await expect(brought(name, () => {}, { labels: ['a,b,c'] })).rejects.toThrow(
    refused('peft_unsupported', 'has 3 classes, but 1 labels were named, "a,b,c". Name each by itself: --labels a b c'),
  )
})
