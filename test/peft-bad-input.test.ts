import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type FloatTensor, floatTensor, readAdapter, writeAdapter } from '@weft/adapters'
import { checkAdapter, checkAsked, exportPeft, importPeft, PluginRegistry } from '@weft/methods'
import { loadModel } from '@weft/model'
import plugins from '@weft/plugins'
import { expect, test } from 'vitest'
import { brought, filesOf, golden } from './support/peft-checkpoint.ts'
import { refused } from './support/refused.ts'

const lora = 'gpt2/lora.causal_lm'
const [a, b] = ['A', 'B'].map((half) => `base_model.model.transformer.h.0.attn.c_attn.lora_${half}.weight`)

test('a tensor that is missing, or too many, is named', async () => {
  await expect(brought(lora, ({ tensors: { [b]: _, ...tensors } }) => ({ tensors }))).rejects.toThrow(refused('tensor_missing', b))
  await expect(brought(lora, ({ tensors }) => ({ tensors: { ...tensors, 'base_model.model.lm_head.weight': floatTensor([1]) } }))).rejects.toThrow(
    refused('tensor_unexpected', 'base_model.model.lm_head.weight', '"lora"'),
  )
  const prompt = 'llama/prompt-tuning.causal_lm'
  await expect(brought(prompt, ({ tensors: { prompt_embeddings: _, ...tensors } }) => ({ tensors: { ...tensors, other: floatTensor([1]) } }))).rejects.toThrow(
    refused('tensor_missing', 'prompt_embeddings'),
  )
  await expect(brought(prompt, ({ tensors }) => ({ tensors: { ...tensors, prefix: floatTensor([1]) } }))).rejects.toThrow(
    refused('tensor_unexpected', '"prefix"'),
  )
  const packed = { shape: [2], data: Uint8Array.of(1, 2) } as unknown as FloatTensor
  const bytes = (name: string) => brought(lora, ({ tensors }) => ({ tensors: { ...tensors, [name]: packed } }))
  await expect(bytes('base_model.model.lm_head.weight')).rejects.toThrow(refused('tensor_dtype', 'base_model.model.lm_head.weight', 'U8'))
  await expect(bytes(b)).rejects.toThrow(refused('tensor_dtype', b, 'U8'))
})

test('a config that its tensors contradict is refused by field', async () => {
  await expect(brought(lora, ({ config }) => ({ config: { ...config, r: 8 } }))).rejects.toThrow(refused('tensor_shape', 'c_attn.lora_A', '[8, 16]', '[2, 16]'))
  await expect(brought('llama/prompt-tuning.causal_lm', ({ config }) => ({ config: { ...config, num_virtual_tokens: 6 } }))).rejects.toThrow(
    refused('peft_contradiction', 'num_virtual_tokens 6', 'say 5'),
  )
  await expect(brought('llama/prefix-tuning.causal_lm', ({ config }) => ({ config: { ...config, num_virtual_tokens: 6 } }))).rejects.toThrow(
    refused('peft_contradiction', 'num_virtual_tokens 6', 'say 5'),
  )
  await expect(brought(lora, ({ tensors }) => ({ tensors: { ...tensors, [a]: floatTensor([0, 16]) } }))).rejects.toThrow(refused('tensor_shape', 'lora_A'))
  for (const change of [{ r: 0 }, { rank_pattern: { c_attn: 0 } }])
    await expect(brought(lora, ({ config }) => ({ config: { ...config, ...change } }))).rejects.toThrow(refused('invalid_config', />=\s?1|at least 1/))
  await expect(brought('llama/prompt-tuning.causal_lm', ({ config }) => ({ config: { ...config, num_virtual_tokens: 0 } }))).rejects.toThrow(
    refused('invalid_config', 'num_virtual_tokens'),
  )
})

test('a checkpoint for another base is refused: by architecture, by size, by kind', async () => {
  await expect(brought(lora, () => {}, { base: 'llama/base-causal_lm' })).rejects.toThrow(refused('target_modules_missing', '"c_attn"', 'self_attn.q_proj'))
  await expect(brought('llama/prompt-tuning.causal_lm', () => {}, { base: 'gpt2/base-causal_lm' })).rejects.toThrow(
    refused('wrong_base_model', 'token_dim', '32', '16'),
  )
  await expect(brought('qwen2/lora-bias.causal_lm', () => {}, { base: 'llama/base-causal_lm' })).rejects.toThrow(
    refused('wrong_base_model', 'num_layers is 2', "this model's 4"),
  )
  await expect(brought('t5/prompt-tuning.seq_2_seq_lm', () => {}, { base: 'gpt2/base-causal_lm' })).rejects.toThrow(
    refused('peft_unsupported', 'encoder-decoder'),
  )
  await expect(brought('bert/prompt-tuning.seq_cls', ({ config }) => ({ config: { ...config, task_type: 'CAUSAL_LM' } }))).rejects.toThrow(
    refused('peft_unsupported', 'CAUSAL_LM', 'SEQ_CLS'),
  )
  await expect(brought(lora, ({ config }) => ({ config: { ...config, task_type: 'QUESTION_ANS' } }))).rejects.toThrow(
    refused('peft_unsupported', 'QUESTION_ANS'),
  )
})

test('tensors that lie on layers are told from those of another base by their layers and their width', async () => {
  const moved = (name: string, change: (at: string, tensor: FloatTensor) => [string, FloatTensor][]) =>
    brought(name, ({ tensors }) => ({ tensors: Object.fromEntries(Object.entries(tensors).flatMap(([at, tensor]) => change(at, tensor))) }))
  const layered = [
    ['llama/lora-all-linear.causal_lm', 'layers'],
    ['llama/ia3.causal_lm', 'layers'],
    ['bert/lora-all-linear.seq_cls', 'layer'],
    ['t5/ia3.seq_2_seq_lm', 'block'],
  ]
  for (const [name, stem] of layered) {
    const { numLayers } = (await loadModel(join(golden, name, '..', JSON.parse(readFileSync(join(golden, name, 'case.json'), 'utf8')).base))).spec
    const last = new RegExp(`\\.${stem}\\.${numLayers - 1}\\.`)
    // One layer more, and one less.
    await expect(
      moved(name, (at, tensor) => [[at, tensor], ...(last.test(at) ? [[at.replace(last, `.${stem}.11.`), tensor] as [string, FloatTensor]] : [])]),
    ).rejects.toThrow(refused('wrong_base_model', 'num_layers is 12', `this model's ${numLayers}`))
    await expect(moved(name, (at, tensor) => (last.test(at) ? [] : [[at, tensor]]))).rejects.toThrow(
      refused('wrong_base_model', `num_layers is ${numLayers - 1}`, `this model's ${numLayers}`),
    )
    // Another width, and with it a config that says as much as before: the rank is no size of the base.
    await expect(
      moved(name, (at, { shape, data }) => [[at, /lora_A|ia3_l/.test(at) ? floatTensor(shape.map((size) => (size > 2 ? size + 4 : size))) : { shape, data }]]),
    ).rejects.toThrow(refused('wrong_base_model', /its width at base_model\.model\.\S+ is \d+/))
  }
  await expect(brought('llama/lora-all-linear.causal_lm', ({ config }) => ({ config: { ...config, r: 3 } }))).rejects.toThrow(refused('tensor_shape', '[3, '))
  // Without some of a layer's tensors it is the same base, and a file that lacks them.
  await expect(moved('llama/lora-all-linear.causal_lm', (at, tensor) => (/layers\.3\..*q_proj.lora_B/.test(at) ? [] : [[at, tensor]]))).rejects.toThrow(
    refused('tensor_missing', 'layers.3.self_attn.q_proj.lora_B'),
  )
})

test('target modules that match nothing are answered with what there is', async () => {
  await expect(brought(lora, ({ config }) => ({ config: { ...config, target_modules: ['q_proj'] } }))).rejects.toThrow(
    refused('target_modules_missing', '"q_proj"', 'attn.c_attn', 'mlp.c_proj'),
  )
})

test('target modules of which some match are taken, as PEFT takes them, and the adapter is read again', async () => {
  const { manifest, state, params, plugin } = await brought(lora, ({ config }) => ({ config: { ...config, target_modules: ['c_attn', 'q_proj'] } }))
  expect(manifest.config).toMatchObject({ targetModules: ['c_attn', 'q_proj'] })
  expect(state).toEqual((await brought(lora, () => {})).state)
  const { spec } = await loadModel(join(golden, 'gpt2/base-causal_lm'))
  const adapter = await readAdapter(await writeAdapter(manifest, state, params))
  expect(() => checkAdapter(adapter, new PluginRegistry(plugins), spec)).not.toThrow()
  // A training that asks for it is refused.
  expect(() => checkAsked(plugin, manifest.config, spec)).toThrow(refused('target_modules_missing', '"q_proj"'))
})

test('a classifier without its head, or with other labels, is refused', async () => {
  await expect(brought('gpt2/prompt-tuning.seq_cls', ({ tensors: { 'base_model.score.weight': _, ...tensors } }) => ({ tensors }))).rejects.toThrow(
    refused('peft_unsupported', 'without a saved head'),
  )
})

test('a head that gives one number is no classifier', async () => {
  const first = ({ shape: [, ...rest], data }: FloatTensor): FloatTensor => floatTensor([1, ...rest], data.slice(0, rest[0] ?? 1))
  for (const [name, last] of [
    ['llama/prefix-tuning.seq_cls', '.score.'],
    ['roberta/lora-dora.seq_cls', '.out_proj.'],
  ]) {
    const cut = ([at, tensor]: [string, FloatTensor]) => [at, at.includes(last) ? first(tensor) : tensor]
    await expect(brought(name, ({ tensors }) => ({ tensors: Object.fromEntries(Object.entries(tensors).map(cut)) }))).rejects.toThrow(
      refused('peft_unsupported', 'one number', 'two classes'),
    )
  }
})

test('what computes something else is refused by its field', async () => {
  await expect(brought(lora, ({ config }) => ({ config: { ...config, use_qalora: true, use_bdlora: true } }))).rejects.toThrow(
    refused('peft_unsupported', 'use_bdlora, use_qalora'),
  )
  await expect(brought(lora, ({ config }) => ({ config: { ...config, init_lora_weights: 'pissa_niter_4' } }))).rejects.toThrow(
    refused('peft_unsupported', 'pissa_niter_4', 'path_initial_model'),
  )
  await expect(brought(lora, ({ config }) => ({ config: { ...config, peft_type: 'ADALORA' } }))).rejects.toThrow(
    refused('peft_unsupported', 'ADALORA', 'PREFIX_TUNING'),
  )
})

test('a second half of rows that acts in training and not in generation is refused', async () => {
  await expect(brought('t5/multitask-prompt-tuning.seq_2_seq_lm', ({ config }) => ({ config: { ...config, num_transformer_submodules: 2 } }))).rejects.toThrow(
    refused('invalid_config', 'num_transformer_submodules', 'encoder only'),
  )
})

test('a dropout that a finished checkpoint was trained with matters no more', async () => {
  expect((await brought(lora, ({ config }) => ({ config: { ...config, lora_dropout: 0.1 } }))).manifest.config).toMatchObject({ loraDropout: 0 })
})

test('so it is with the dropout of an LSTM that made the rows', async () => {
  const { manifest } = await brought('gpt2/p-tuning-lstm.causal_lm', ({ config }) => ({ config: { ...config, encoder_dropout: 0.1 } }))
  expect(manifest.config).toMatchObject({ encoderReparameterizationType: 'lstm', encoderDropout: 0 })
})

test('an empty name excludes nothing, whatever the method', async () => {
  for (const name of [lora, 'gpt2/ia3.causal_lm'])
    for (const exclude_modules of ['', [], null])
      expect((await brought(name, ({ config }) => ({ config: { ...config, exclude_modules } }))).manifest.config).toMatchObject({ excludeModules: null })
})

test('the bias of a saved module once more, without an adapter, is nothing that PEFT reads', async () => {
  const name = 'llama/lora.token_cls'
  const all = (more: Record<string, FloatTensor>) =>
    brought(name, ({ config, tensors }) => ({ config: { ...config, bias: 'all' }, tensors: { ...tensors, ...more } }))
  const twice = { 'base_model.model.score.modules_to_save.bias': floatTensor([3]), 'base_model.model.score.original_module.bias': floatTensor([3]) }
  expect(await all(twice)).toEqual(await all({}))
})

test("names with the adapter's in them, originals of saved modules, duplicates in modules_to_save: all mean the same", async () => {
  const name = 'bert/lora-bias.seq_cls'
  const plain = await brought(name, () => {})
  const older = await brought(name, ({ config, tensors }) => ({
    config: { ...config, modules_to_save: ['classifier', 'score', 'classifier', 'score'] },
    tensors: {
      ...Object.fromEntries(
        Object.entries(tensors).map(([at, tensor]) => [
          at
            .replace(/(lora_[AB])\.weight$/, '$1.default.weight')
            .replace('.classifier.', '.classifier.modules_to_save.default.')
            .replace('.base_layer.bias', '.bias'),
          tensor,
        ]),
      ),
      'base_model.model.classifier.original_module.weight': floatTensor([3, 16]),
    },
  }))
  expect(older).toEqual(plain)
})

test('a file of two adapters is refused, since nobody can say which one is meant', async () => {
  await expect(
    brought(lora, ({ tensors }) => ({
      tensors: Object.fromEntries(
        Object.entries(tensors).flatMap(([at, tensor]) =>
          ['default', 'other'].map((name) => [at.replace(/(lora_[AB])\.weight$/, `$1.${name}.weight`), tensor]),
        ),
      ),
    })),
  ).rejects.toThrow(refused('peft_unsupported', 'lora_A.other.weight', 'a second time'))
})

test('a module that was trained beside the method must be in the file, whatever the method', async () => {
  for (const name of [lora, 'gpt2/prefix-tuning.causal_lm', 'gpt2/ia3.causal_lm']) {
    await expect(brought(name, ({ config }) => ({ config: { ...config, modules_to_save: ['lm_head'] } }))).rejects.toThrow(
      refused('tensor_missing', '"lm_head"', 'modules_to_save'),
    )
    await expect(brought(name, ({ config }) => ({ config: { ...config, modules_to_save: ['score'] } }))).rejects.toThrow(refused('tensor_missing', '"score"'))
  }
  // What is there has no place, and is not left out.
  await expect(
    brought(lora, ({ config, tensors }) => ({
      config: { ...config, modules_to_save: ['lm_head'] },
      tensors: { ...tensors, 'base_model.model.lm_head.weight': floatTensor([64, 16]) },
    })),
  ).rejects.toThrow(refused('tensor_unexpected', 'lm_head'))
})

test('a classifier in a file that has no task is told that the task is what is missing', async () => {
  for (const [name, ...said] of [
    ['bert/lora-all-linear.seq_cls', '"SEQ_CLS"', '"TOKEN_CLS"'],
    ['bert/prefix-tuning.token_cls', '"SEQ_CLS"', '"TOKEN_CLS"'],
    ['gpt2/prompt-tuning.seq_cls', '"SEQ_CLS"'],
  ] as const)
    for (const change of [{ task_type: null }, { task_type: undefined }, { task_type: null, modules_to_save: null }])
      await expect(brought(name, ({ config }) => ({ config: { ...config, ...change } }))).rejects.toThrow(
        refused('peft_unsupported', 'has no task_type', 'trained classifier', ...said),
      )
  await expect(brought('bert/lora-all-linear.seq_cls', ({ config }) => ({ config: { ...config, task_type: 'FEATURE_EXTRACTION' } }))).rejects.toThrow(
    refused('peft_unsupported', 'task_type is FEATURE_EXTRACTION', 'trained classifier'),
  )
})

test('a base with nothing around it has shorter names', async () => {
  const name = 'bert/lora-all-linear.seq_cls'
  const bare = await brought(name, ({ config, tensors }) => ({
    config: { ...config, task_type: 'FEATURE_EXTRACTION', modules_to_save: null, target_modules: 'all-linear' },
    tensors: Object.fromEntries(
      Object.entries(tensors)
        .filter(([at]) => !at.includes('.classifier.'))
        .map(([at, tensor]) => [at.replace('base_model.model.bert.', 'base_model.model.'), tensor]),
    ),
  }))
  expect(bare.state.linear).toEqual((await brought(name, () => {})).state.linear)
  expect(bare.manifest).toMatchObject({ task: 'FEATURE_EXTRACTION' })
})

test('expressions are of the names that a base with nothing around it has, on the way in and out', async () => {
  const name = 'bert/lora-all-linear.seq_cls'
  const spec = (await loadModel(join(golden, 'bert/base-seq_cls'))).spec
  const adapted = /(encoder\.layer\.\d+\.attention\.self\.(query|key)|pooler\.dense)\.lora_/
  /** As PEFT would have saved it; every layer's second query has rank 1. */
  const bare = (change: object) =>
    brought(name, ({ config, tensors }) => ({
      config: { ...config, task_type: 'FEATURE_EXTRACTION', modules_to_save: null, ...change },
      tensors: Object.fromEntries(
        Object.entries(tensors)
          .filter(([at]) => adapted.test(at))
          .map(([at, { shape, data }]) => {
            const short = at.replace('base_model.model.bert.', 'base_model.model.')
            if (!at.includes('layer.1.attention.self.query')) return [short, { shape, data }]
            const half = data.length / 2
            return [short, at.includes('lora_A') ? floatTensor([1, shape[1]!], data.slice(0, half)) : floatTensor([shape[0]!, 1], data.slice(half))]
          }),
      ),
    }))
  const ends = { target_modules: ['query', 'key', 'pooler.dense'], rank_pattern: { 'layer.1.attention.self.query': 1 }, alpha_pattern: { 'layer.0.*key': 5 } }
  const meant = (await bare(ends)).state.linear
  for (const change of [
    { ...ends, target_modules: '(encoder\\.layer\\.\\d+\\.attention\\.self\\.(query|key)|pooler\\.dense)' },
    { ...ends, target_modules: '^[ep].*', exclude_modules: '(encoder.*dense|[a-z]+\\.layer.*value)' },
    { ...ends, rank_pattern: { '^encoder\\.layer\\.1\\.attention\\.self\\.query': 1 }, alpha_pattern: { '^encoder\\.layer\\.0.*key': 5 } },
  ]) {
    const { plugin, state, params, manifest } = await bare(change)
    expect(state.linear).toEqual(meant)
    const out = JSON.parse(exportPeft(await readAdapter(await writeAdapter(manifest, state, params)), [plugin], spec).config)
    expect((await bare(out)).state.linear, 'and again').toEqual(meant)
    expect(JSON.stringify(out)).not.toContain('bert')
  }
})

test('a pickle under another name is told by its first bytes', async () => {
  const { spec } = await loadModel(join(golden, 'gpt2/base-causal_lm'))
  for (const bytes of [
    [0x50, 0x4b, 3, 4, 0, 0, 0, 0, 0],
    [0x80, 2, 0x8a, 0x0a, 0, 0, 0, 0, 0],
  ]) {
    const files = { config: JSON.stringify(filesOf(lora).config), weights: Uint8Array.from(bytes) }
    await expect(importPeft(files, plugins, { model: spec, base: { name: 'base', fingerprint: 'x' } })).rejects.toThrow(refused('peft_pickle', 'save_file('))
  }
})
