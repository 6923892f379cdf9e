import { rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  type AdapterState,
  type Composed,
  canonical,
  compose,
  type FloatTensor,
  floatTensor,
  type LoadedAdapter,
  type ManifestInput,
  parse,
  readAdapter,
  taskTypes,
  writeAdapter,
} from '@weft/adapters'
import { main } from '@weft/cli/main'
import { exportPeft, parseConfig } from '@weft/methods'
import { type LoadedModel, loadModel, modelShape, rawConfig } from '@weft/model'
import plugins from '@weft/plugins'
import { ModelSession, type Recipe } from '@weft/session'
import { describe, expect, test, vi } from 'vitest'
import { type TinyCheckpoint, temporaryFolder, tinyTensors, writeTinyCheckpoint } from './cases/tiny-checkpoint.ts'
import { tinyConfigs } from './cases/tiny-configs.ts'
import { refused } from './support/refused.ts'

const architectures = Object.keys(tinyConfigs)
const layersField: Record<string, string> = { gpt2: 'n_layer', t5: 'num_layers' }
const hiddenField: Record<string, string> = { gpt2: 'n_embd', t5: 'd_model' }

describe('a base model', () => {
  test('of an architecture that is not there is answered with those that are, before any weight is read', async () => {
    const folder = writeTinyCheckpoint('none', { config: { model_type: 'mamba' }, files: { 'model.safetensors': 'not read' } })
    await expect(loadModel(folder)).rejects.toThrow(refused('unsupported_architecture', '"mamba"', ...architectures))
  })

  const llama = 'model.layers.1.mlp.up_proj.weight'
  test.each<[string, TinyCheckpoint, string, (string | RegExp)[]]>([
    ['lacks a tensor', { change: ({ [llama]: _, ...rest }) => rest }, 'missing_tensors', [llama, 'config.json']],
    ['has one too many', { change: (tensors) => ({ ...tensors, 'lm_head.extra': tensors[llama] }) }, 'extra_tensors', ['lm_head.extra', 'config.json']],
    [
      'has one of another shape',
      { change: (tensors) => ({ ...tensors, [llama]: { ...tensors[llama], shape: [32, 48] } }) },
      'misshaped_tensor',
      [llama, '[32,48]', '[48,32]'],
    ],
    [
      'is of another architecture than its config',
      { change: () => tinyTensors('gpt2') },
      'missing_tensors',
      ['model.embed_tokens.weight', 'config.json that came with'],
    ],
    [
      'has integers for weights',
      { change: (tensors) => ({ ...tensors, [llama]: { ...tensors[llama], dtype: 'I32' } }) },
      'unsupported_dtype',
      [llama, 'I32', 'BF16'],
    ],
    [
      'says that it is quantized',
      { config: { quantization_config: { quant_method: 'gptq' } } },
      'unsupported_config',
      ['quantization_config', 'gptq', 'bfloat16'],
    ],
    ['is cut off', { files: { 'model.safetensors': 'x' } }, 'invalid_checkpoint', ['model.safetensors', '1 bytes']],
    ['is a Git LFS pointer', { files: { 'model.safetensors': 'version https://git-lfs.github.com/spec/v1' } }, 'git_lfs_pointer', ['git lfs pull']],
    [
      'is a pickle under another name',
      { files: { 'model.safetensors': Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 8, 8, 0) } },
      'pickled_checkpoint',
      ['model.safetensors', 'safe_serialization=True'],
    ],
  ])('%s', async (_, checkpoint, code, said) => {
    await expect(loadModel(writeTinyCheckpoint('llama', checkpoint))).rejects.toThrow(refused(code, ...said))
  })

  test('has its weights in pickles', async () => {
    for (const name of ['pytorch_model.bin', 'pytorch_model-00001-of-00002.bin']) {
      const folder = writeTinyCheckpoint('llama', { files: { [name]: 'PK' } })
      rmSync(join(folder, 'model.safetensors'))
      await expect(loadModel(folder)).rejects.toThrow(refused('pickled_checkpoint', name, 'safe_serialization=True'))
    }
  })

  test('lacks a shard', async () => {
    const folder = writeTinyCheckpoint('llama', { shards: 3 })
    rmSync(join(folder, 'model-2-of-3.safetensors'))
    await expect(loadModel(folder)).rejects.toThrow(refused('missing_file', 'model-2-of-3.safetensors', 'model.safetensors.index.json'))
  })

  describe.each(architectures)('%s', (architecture) => {
    test.each<['F16' | 'BF16', number]>([
      ['F16', 1],
      ['F16', 3],
      ['BF16', 1],
      ['BF16', 3],
    ])('in %s over %i files reads as float32 does', async (dtype, shards) => {
      const [narrow, whole] = await Promise.all([loadModel(writeTinyCheckpoint(architecture, { dtype, shards })), loadModel(writeTinyCheckpoint(architecture))])
      expect(narrow.weights.names).toEqual(whole.weights.names)
      for (const name of narrow.weights.names) expect(await narrow.weights.read(name)).toEqual(await whole.weights.read(name))
    })

    test('of another depth or width is not its checkpoint', async () => {
      const [layers, hidden] = [layersField[architecture] ?? 'num_hidden_layers', hiddenField[architecture] ?? 'hidden_size']
      await expect(loadModel(writeTinyCheckpoint(architecture, { config: { [layers]: 3 } }))).rejects.toThrow(
        refused('missing_tensors', '.2.', 'config.json that came with'),
      )
      await expect(loadModel(writeTinyCheckpoint(architecture, { config: { [hidden]: 64 } }))).rejects.toThrow(
        refused('misshaped_tensor', '[64,32]', '[64,64]'),
      )
      for (const field of [layers, hidden, 'vocab_size']) {
        await expect(loadModel(writeTinyCheckpoint(architecture, { config: { [field]: 0 } }))).rejects.toThrow(refused('invalid_config', field, 'at least 1'))
      }
    })
  })
})

const shapes = Object.fromEntries(architectures.map((architecture) => [architecture, modelShape(rawConfig(tinyConfigs[architecture]))]))
const base = { name: 'tiny', fingerprint: 'ab'.repeat(32) }
const spec = shapes.llama.spec
const filled = (...shape: number[]): FloatTensor => floatTensor(shape, new Float32Array(shape.reduce((n, d) => n * d, 1)).fill(0.5))
const rows = { inputsEmbeds: { rows: filled(2, 32) } }
const head = { weight: filled(2, 32) }
const query = 'model.layers.0.self_attn.q_proj'
const branch = (length: number, columns = length) => ({
  prefix: filled(2, 2, 2, columns, 8),
  gate: filled(2, 4, 1),
  lengths: floatTensor([1], Float32Array.of(length)),
})

const fileOf = (state: AdapterState, more: Partial<ManifestInput> = {}): Promise<Uint8Array> =>
  writeAdapter({ method: 'made-up', config: {}, base: { ...base, architecture: 'llama' }, task: 'CAUSAL_LM', lineage: {}, ...more }, state)

describe('an adapter file', () => {
  test.each<[string, AdapterState, string, (string | RegExp)[]]>([
    ['rows of length 0', { inputsEmbeds: { rows: filled(0, 32) } }, 'tensor_shape', ['inputsEmbeds.rows', '[at least 1, 32]', '[0, 32]']],
    ['rows of another width', { inputsEmbeds: { rows: filled(2, 64) } }, 'tensor_shape', ['inputsEmbeds.rows', '[?, 32]', '[2, 64]']],
    ['a prefix of length 0', { keyValue: { prefix: filled(2, 2, 2, 0, 8) } }, 'tensor_shape', ['keyValue.prefix', 'at least 1']],
    ['a prefix for more layers', { keyValue: { prefix: filled(3, 2, 2, 1, 8) } }, 'tensor_shape', ['keyValue.prefix', '[2, 2, 2, ?, 8]', '[3, 2, 2, 1, 8]']],
    [
      'a LoRA of rank 0',
      { linear: { [`${query}.a`]: filled(0, 32), [`${query}.b`]: filled(32, 0) } },
      'tensor_shape',
      [`linear.${query}.a`, '[at least 1, 32]'],
    ],
    ['a LoRA of two ranks', { linear: { [`${query}.a`]: filled(3, 32), [`${query}.b`]: filled(32, 2) } }, 'tensor_shape', [`${query}.b`, '[32, 3]', '[32, 2]']],
    ['half a LoRA', { linear: { [`${query}.a`]: filled(3, 32) } }, 'tensor_missing', [`${query}.b`]],
    [
      'a LoRA on a layer that is not there',
      { linear: { 'model.layers.7.mlp.up_proj.a': filled(1, 32) } },
      'tensor_unexpected',
      ['model.layers.7.mlp.up_proj.a', 'model.layers.0.'],
    ],
    [
      'factors on a layer of another architecture',
      { scale: { 'transformer.h.0.attn.c_attn.out': filled(96) } },
      'tensor_unexpected',
      ['c_attn.out', 'model.layers.0.'],
    ],
    ['a gated prefix without its gate', { gatedKeyValue: { prefix: filled(2, 2, 2, 1, 8), lengths: filled(1) } }, 'tensor_missing', ['"gatedKeyValue.gate"']],
    ['a gated prefix with more', { gatedKeyValue: { ...branch(2), noise: filled(1) } }, 'tensor_unexpected', ['"noise"', '"prefix", "gate", "lengths"']],
    ['a gated prefix whose lengths say otherwise', { gatedKeyValue: branch(5, 2) }, 'tensor_shape', ['Σ lengths = 5']],
    ['a head of another width', { head: { weight: filled(2, 64) } }, 'tensor_shape', ['head.weight', '[?, 32]', '[2, 64]']],
    [
      'a number that is none',
      { inputsEmbeds: { rows: floatTensor([1, 32], new Float32Array(32).fill(NaN)) } },
      'tensor_not_finite',
      ['inputsEmbeds.rows', 'NaN'],
    ],
    ['a weight that the base has not', { weights: { 'model.layers.9.input_layernorm.weight': filled(32) } }, 'tensor_unexpected', ['model.layers.9']],
  ])('%s', async (_, state, code, said) => {
    await expect(fileOf(state).then((file) => readAdapter(file, { model: spec }))).rejects.toThrow(refused(code, ...said))
  })

  test.each<[string, Partial<ManifestInput>, AdapterState, (string | RegExp)[]]>([
    ['more labels than the head has rows', { labels: ['ham', 'spam', 'eggs'] }, { ...rows, head }, ['3 ("ham", "spam", "eggs")', '2 rows']],
    ['fewer', { labels: ['ham'] }, { ...rows, head }, ['1 ("ham")', '2 rows']],
    ['a label twice', { labels: ['ham', 'ham'] }, { ...rows, head }, ['"ham" is there twice']],
    ['labels without a head', { labels: ['ham', 'spam'] }, rows, ['"ham", "spam"', 'no head']],
    ['tasks for some of the labels', { labels: ['a/x', 'b/y'], labelTasks: ['a'] }, { ...rows, head }, ['1 tasks', '2 rows']],
  ])('with %s', async (_, manifest, state, said) => {
    await expect(fileOf(state, { task: 'SEQ_CLS', ...manifest }).then((file) => readAdapter(file, { model: spec }))).rejects.toThrow(
      refused('manifest_invalid', ...said),
    )
  })

  test('for another base: by architecture where shapes agree, by fingerprint where both do', async () => {
    const file = await fileOf(rows)
    for (const architecture of ['gpt2', 'bert', 't5']) {
      await expect(readAdapter(file, { model: shapes[architecture].spec })).rejects.toThrow(
        refused('wrong_base_model', '"tiny", a llama', `not for a ${architecture}`),
      )
    }
    await expect(readAdapter(file, { model: spec, base: { name: 'other', fingerprint: 'cd'.repeat(32) } })).rejects.toThrow(
      refused('wrong_base_model', '"tiny" (abab', '"other" (cdcd'),
    )
    await using session = new ModelSession(await tinyModel('llama'))
    await expect(session.add('made/elsewhere', file)).rejects.toThrow(refused('wrong_base_model', '"tiny"'))
  })

  test('whose config says another length or rank is not written out as what it is not', async () => {
    const exported = async (method: string, config: Record<string, unknown>, state: AdapterState) =>
      exportPeft(await readAdapter(await fileOf(state, { method, config: parseConfig(pluginOf(method), config) }), { model: spec }), plugins, spec)
    await expect(exported('prompt-tuning', { numVirtualTokens: 9 }, rows)).rejects.toThrow(
      refused('config_contradicted', 'inputsEmbeds.rows', '[9, 32]', '[2, 32]'),
    )
    const linear = Object.fromEntries(
      Object.keys(spec.modules)
        .filter((module) => /[qv]_proj$/.test(module))
        .flatMap((module) => [
          [`${module}.a`, filled(3, 32)],
          [`${module}.b`, filled(spec.modules[module][0], 3)],
        ]),
    )
    await expect(exported('lora', { r: 8 }, { linear })).rejects.toThrow(refused('config_contradicted', '.a [8, 32]', '[3, 32]'))
    await expect(exported('lora', { r: 3, targetModules: 'all-linear' }, { linear })).rejects.toThrow(refused('config_contradicted', 'k_proj', 'has none'))
    await expect(exported('lora', { r: 3 }, { linear })).resolves.toBeDefined()
  })
})

describe("a method's settings", () => {
  const sized: [string, Record<string, unknown>, string][] = [
    ...['prompt-tuning', 'p-tuning', 'p-tuning-v2', 'prefix-tuning', 'parallel-prefix', 'multitask-prompt-tuning'].map(
      (id): [string, Record<string, unknown>, string] => [id, { numVirtualTokens: 0 }, 'num_virtual_tokens'],
    ),
    ['p-tuning', { encoderHiddenSize: 0 }, 'encoder_hidden_size'],
    ['prompt-adapter', { trunk: 'a', r: 0 }, '.r'],
    ['lora', { r: 0 }, '.r'],
    ['lora', { rankPattern: { q_proj: 0 } }, 'rank_pattern.q_proj'],
    ['multitask-prompt-tuning', { numTasks: 0 }, 'num_tasks'],
    ['multitask-prompt-tuning', { numRanks: 0 }, 'num_ranks'],
    ['adaption-prompt', { adapterLen: 0 }, 'adapter_len'],
    ['adaption-prompt', { adapterLayers: 0 }, 'adapter_layers'],
    ['lora', { targetModules: [] }, 'target_modules'],
    ['ia3', { targetModules: [] }, 'target_modules'],
  ]
  test.each(sized)('%s with %j', (id, config, field) => {
    expect(() => parseConfig(pluginOf(id), config)).toThrow(refused('invalid_config', `"${id}"`, field, 'at least 1'))
  })

  const unread: [string, Record<string, unknown>, string, string][] = [
    [
      'prompt-tuning',
      { promptTuningInitText: 'speak plainly' },
      'prompt_tuning_init_text',
      'promptTuningInit "trainingText" does not read it; say promptTuningInit "text"',
    ],
    ['prompt-tuning', { promptTuningInit: 'RANDOM', promptTuningInitText: 'speak plainly' }, 'prompt_tuning_init_text', 'promptTuningInit "random"'],
    ['prefix-tuning', { prefixInitText: 'speak plainly' }, 'prefix_init_text', 'prefixInit "trainingText" does not read it; say prefixInit "text"'],
    ['prefix-tuning', { prefixInit: 'text', prefixInitText: 'speak plainly', prefixProjection: true }, 'prefix_init_text', 'prefixProjection "true"'],
    ['prefix-tuning', { encoderHiddenSize: 8 }, 'encoder_hidden_size', 'say prefixProjection "true"'],
    ['parallel-prefix', { prefixInitText: 'speak plainly' }, 'prefix_init_text', 'say prefixInit "text"'],
    ['p-tuning-v2', { prefixInitText: 'speak plainly' }, 'prefix_init_text', 'say prefixInit "text"'],
    ['multitask-prompt-tuning', { promptTuningInitText: 'speak plainly' }, 'prompt_tuning_init_text', 'say promptTuningInit "text"'],
    ['multitask-prompt-tuning', { promptTuningInitSource: 'mail/source' }, 'prompt_tuning_init_source', 'say promptTuningInit "averageSourceTasks"'],
    [
      'multitask-prompt-tuning',
      { promptTuningInit: 'onlySourceShared', promptTuningInitSource: 'mail/source', promptTuningInitTask: 1 },
      'prompt_tuning_init_task',
      'say promptTuningInit "exactSourceTask"',
    ],
  ]
  test.each(unread)('%s with %j, which nothing would read', (id, config, field, said) => {
    const plugin = pluginOf(id)
    // An adapter that was made so is read as before.
    const parsed = parseConfig(plugin, config)
    expect(() => plugin.asked!(parsed, shapes.llama.spec)).toThrow(refused('invalid_config', `method.${id}.${field}`, said))
  })

  test.each([
    ['prompt-tuning', { promptTuningInit: 'TEXT', promptTuningInitText: 'speak plainly' }],
    ['prefix-tuning', { prefixInit: 'text', prefixInitText: 'speak plainly' }],
    ['prefix-tuning', { prefixProjection: true, encoderHiddenSize: 8 }],
    ['multitask-prompt-tuning', { promptTuningInit: 'exactSourceTask', promptTuningInitSource: 'mail/source', promptTuningInitTask: 1 }],
  ])('%s with %j, all of which is read', (id, config) => {
    expect(() => pluginOf(id).asked!(parseConfig(pluginOf(id), config), shapes.llama.spec)).not.toThrow()
  })

  test.each(architectures)('modules that match nothing on %s are answered with those there are', (architecture) => {
    const model = shapes[architecture].spec
    const there = [...new Set(Object.keys(model.modules).map((module) => module.replace(/^.*\.\d+\./, '')))]
    const params = (id: string, config: Record<string, unknown>) => () => pluginOf(id).params(parseConfig(pluginOf(id), config), model, [])
    for (const id of ['lora', 'ia3']) {
      for (const targetModules of [['nowhere'], 'nowhere.*'])
        expect(params(id, { targetModules })).toThrow(refused('target_modules_missing', '"nowhere', ...there))
      const [one] = Object.keys(model.modules)
      expect(params(id, { targetModules: [one], excludeModules: [one] })).toThrow(refused('target_modules_missing', one, 'exclude_modules'))
      expect(params(id, { targetModules: '(' })).toThrow(refused('invalid_config', 'target_modules', '"("'))
    }
    // One that is named in full is taken whatever its layer.
    const ends = there.filter((module) => !Object.hasOwn(model.modules, module))
    expect(params('lora', { targetModules: ends, layersToTransform: [77] })).toThrow(refused('target_modules_missing', ends[0], 'layers_to_transform'))
  })

  test.each(['gpt2', 'bert', 't5'])('gates on %s, which has no place for them', (architecture) => {
    const plugin = pluginOf('adaption-prompt')
    expect(() => plugin.params(parseConfig(plugin, {}), shapes[architecture].spec, [])).toThrow(
      refused('invalid_config', 'adaption-prompt', `"${architecture}"`, 'k_proj'),
    )
  })
})

const rowsOf: Record<string, object[]> = {
  CAUSAL_LM: [{ text: 'one of these' }, { text: 'and another' }],
  SEQ_2_SEQ_LM: [
    { prompt: 'one', completion: 'two' },
    { prompt: 'three', completion: 'four' },
  ],
  SEQ_CLS: [
    { text: 'a', label: 'ham' },
    { text: 'b', label: 'spam' },
  ],
  TOKEN_CLS: [
    { tokens: ['a', 'b'], labels: ['ham', 'spam'] },
    { tokens: ['b'], labels: ['spam'] },
  ],
  FEATURE_EXTRACTION: [{ text: 'one of these' }],
}

/** A model whose weights nobody may read. */
const tinyModel = async (architecture: string): Promise<LoadedModel> => {
  const model = await loadModel(writeTinyCheckpoint(architecture))
  const { tokenizer } = await loadModel('@weft/base-model')
  const weights = new Proxy(model.weights, {
    get: (_, name) => {
      throw new Error(`a weight was asked for (${String(name)})`)
    },
  })
  return { ...model, tokenizer, weights }
}

describe('a training job', () => {
  const trained = async (architecture: string, recipe: Partial<Recipe> & Pick<Recipe, 'rows'>) => {
    await using session = new ModelSession(await tinyModel(architecture))
    return session.train('x', { method: 'prompt-tuning', ...recipe })
  }

  describe.each(architectures)('on %s', (architecture) => {
    const { tasks } = shapes[architecture].spec
    test.each(taskTypes.filter((task) => !tasks.includes(task)))('for %s, which it cannot do, is refused before any weight is read', async (task) => {
      for (const kind of new Set([rowsOf[task], rowsOf.CAUSAL_LM])) {
        await expect(trained(architecture, { task, rows: kind })).rejects.toThrow(refused('task_not_of_base', `a ${architecture} base`, task, ...tasks))
      }
    })
  })

  test('for features, which nothing is learned by', async () => {
    await expect(trained('bert', { task: 'FEATURE_EXTRACTION', rows: rowsOf.FEATURE_EXTRACTION })).rejects.toThrow(
      refused('unsupported_task', 'FEATURE_EXTRACTION', 'SEQ_CLS, TOKEN_CLS'),
    )
  })

  test.each<[string, string, Partial<Recipe> & Pick<Recipe, 'rows'>, string, (string | RegExp)[]]>([
    [
      'a task that the method has not',
      'llama',
      { method: 'adaption-prompt', task: 'SEQ_CLS', rows: rowsOf.SEQ_CLS },
      'task_not_supported',
      ['adaption-prompt', 'SEQ_CLS', 'CAUSAL_LM'],
    ],
    [
      'a text, which is frozen',
      'llama',
      { method: 'text', config: { text: 'Be brief.' }, rows: rowsOf.CAUSAL_LM },
      'nothing_to_train',
      ['"text"', 'weft publish --text'],
    ],
    ['a method that is not there', 'llama', { method: 'lara', rows: rowsOf.CAUSAL_LM }, 'method_not_found', ['"lara"', 'lora']],
    ['a label that no row has', 'llama', { task: 'SEQ_CLS', labels: ['ham', 'spam', 'eggs'], rows: rowsOf.SEQ_CLS }, 'label_without_rows', ['"eggs"']],
    [
      'a row of another label',
      'llama',
      { task: 'SEQ_CLS', labels: ['ham', 'spam'], rows: [...rowsOf.SEQ_CLS, { text: 'c', label: 'eggs' }] },
      'label_unknown',
      ['"eggs"', '"ham", "spam"'],
    ],
    [
      'a held-out row of another label',
      'llama',
      { task: 'SEQ_CLS', rows: rowsOf.SEQ_CLS, heldOut: [{ text: 'c', label: 'eggs' }] },
      'label_unknown',
      ['validation file, line 1', '"eggs"', '"ham", "spam"'],
    ],
    [
      'a class number without a row in the head',
      'bert',
      {
        task: 'SEQ_CLS',
        rows: [
          { text: 'a', label: 0 },
          { text: 'b', label: 1 },
        ],
        heldOut: [{ text: 'c', label: 5 }],
      },
      'label_unknown',
      ['"5"', '"0", "1"'],
    ],
    [
      'a token of another label',
      'bert',
      { task: 'TOKEN_CLS', rows: rowsOf.TOKEN_CLS, heldOut: [{ tokens: ['c'], labels: ['eggs'] }] },
      'label_unknown',
      ['validation file, line 1', '"eggs"', '"ham", "spam"'],
    ],
    [
      'a token too many',
      'bert',
      { task: 'TOKEN_CLS', rows: [{ tokens: ['a', 'b'], labels: ['ham'] }] },
      'training_file_keys',
      ['line 1', '2 tokens and 1 labels'],
    ],
    ['one label alone', 'llama', { task: 'SEQ_CLS', rows: [rowsOf.SEQ_CLS[0], rowsOf.SEQ_CLS[0]] }, 'labels_too_few', ['at least two', '"ham"']],
    ['rows of another kind', 't5', { task: 'SEQ_2_SEQ_LM', rows: rowsOf.CAUSAL_LM }, 'wrong_row_kind', ['Line 1', 'SEQ_2_SEQ_LM', '{"prompt","completion"}']],
    [
      'a prompt as long as the context',
      'llama',
      { config: { numVirtualTokens: 64 }, rows: rowsOf.CAUSAL_LM },
      'context_too_short',
      ['64 virtual tokens', '64 positions'],
    ],
    [
      'modules that are not there',
      'llama',
      { method: 'lora', config: { targetModules: ['c_attn'] }, rows: rowsOf.CAUSAL_LM },
      'target_modules_missing',
      ['"c_attn"', 'self_attn.q_proj'],
    ],
    [
      'modules that are not there beside one that is',
      'llama',
      { method: 'lora', config: { targetModules: ['q_proj', 'c_attn'] }, rows: rowsOf.CAUSAL_LM },
      'target_modules_missing',
      ['target_modules "c_attn"', 'self_attn.q_proj'],
    ],
  ])('%s', async (_, architecture, recipe, code, said) => {
    await expect(trained(architecture, recipe)).rejects.toThrow(refused(code, ...said))
  })
})

describe('a composition', () => {
  const made: Record<string, [AdapterState, Partial<ManifestInput>?]> = {
    one: [
      { ...rows, head },
      { task: 'SEQ_CLS', labels: ['a', 'b'] },
    ],
    two: [
      { keyValue: { prefix: filled(2, 2, 2, 3, 8) }, head },
      { task: 'SEQ_CLS', labels: ['a', 'b'] },
    ],
    full: [{ weights: { 'model.norm.weight': filled(32) } }],
    other: [{ weights: { 'model.norm.weight': floatTensor([32]) } }],
    rows: [rows],
    long: [{ inputsEmbeds: { rows: filled(5, 32) } }],
    prefix: [{ keyValue: { prefix: filled(2, 2, 2, 3, 8) } }],
    wide: [{ keyValue: { prefix: filled(2, 2, 2, 4, 8) } }],
    branch: [{ promptDelta: { trunk: filled(2, 32), a: filled(2, 1), b: filled(1, 32) } }],
    offshoot: [{ promptDelta: { trunk: floatTensor([2, 32]), a: filled(2, 1), b: filled(1, 32) } }],
  }
  const composed = async (expression: string): Promise<Composed> => {
    const loaded = new Map<string, LoadedAdapter>()
    for (const [name, [state, manifest]] of Object.entries(made))
      loaded.set(name, await readAdapter(await fileOf(state, { ...manifest, config: { name } }), { model: spec }))
    const arranged = canonical(parse(expression), ({ name }) => {
      const {
        digest,
        manifest: { sites, shared },
      } = loaded.get(name)!
      return { ref: name, digest, sites, ...(shared && { shared }) }
    })
    return compose(arranged, new Map([...loaded.values()].map((adapter) => [adapter.digest, adapter])), spec)
  }

  test.each<[string, string, (string | RegExp)[]]>([
    ['one + two', 'stack_not_supported', ['"one", "two"', 'head', 'only one', 'remove one']],
    ['full + other', 'stack_not_supported', [/"full", "other"|"other", "full"/, 'weights', 'only one', 'remove one']],
    ['0.5*one', 'strength_not_supported', ['"one"', 'head', 'no strength']],
    ['0.5*(rows + full)', 'strength_not_supported', ['"full"', 'weights', 'no strength']],
    ['mix(0.5*one, 0.5*two)', 'mix_not_supported', ['"one"', '"two"', 'head', 'no weighted sum']],
    ['mix(0.5*full, 0.5*other)', 'mix_not_supported', ['"full"', '"other"', 'weights', 'no weighted sum']],
    ['mix(0.5*"a", 0.5*"b")', 'mix_not_supported', ['"a"', '"b"', 'text']],
    ['mix(0.5*rows, 0.5*prefix)', 'mix_sites_differ', ['"rows"', '"prefix"', 'inputsEmbeds', 'keyValue']],
    ['mix(0.5*rows, 0.5*long)', 'mix_shapes_differ', ['"rows"', '"long"', 'inputsEmbeds', 'equal shapes']],
    ['mix(0.5*prefix, 0.5*wide)', 'mix_shapes_differ', ['"prefix"', '"wide"', 'keyValue', 'equal shapes']],
    ['mix(0.5*branch, 0.5*offshoot)', 'trunks_differ', ['"branch"', '"offshoot"', 'one trunk']],
    ['rows + -1*prefix', 'invalid_strength', ['-1', 'prefix', 'keyValue', 'negative']],
    ['one + "text" + two', 'stack_not_supported', ['"one", "two"', 'head']],
  ])('%s', async (expression, code, said) => {
    await expect(composed(expression)).rejects.toThrow(refused(code, ...said))
  })

  test('everything else stacks', async () => {
    for (const expression of ['one + prefix', 'two + rows', 'full + one', 'branch + offshoot + prefix + "text"', 'long + wide + prefix'])
      await expect(composed(expression)).resolves.toBeDefined()
  })
})

test.each<[string, () => string[], (string | RegExp)[]]>([
  [
    'a base of an architecture that is not there',
    () => ['--model', writeTinyCheckpoint('none', { config: { model_type: 'mamba' } })],
    ['"mamba"', 'llama', 't5'],
  ],
  [
    'a base that lacks a shard',
    () => {
      const folder = writeTinyCheckpoint('gpt2', { shards: 2 })
      rmSync(join(folder, 'model-2-of-2.safetensors'))
      return ['--model', folder]
    },
    ['model-2-of-2.safetensors'],
  ],
  ['another base', () => ['--model', writeTinyCheckpoint('llama')], ['"c_attn"', 'q_proj']],
  [
    'labels for another head',
    () => ['--model', join(import.meta.dirname, 'golden/peft/gpt2/base-causal_lm'), '--labels', 'ham', 'spam'],
    ['ham, spam', 'CAUSAL_LM', 'no head'],
  ],
])('weft import onto %s', async (_, options, said) => {
  let stderr = ''
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text)
    return true
  })
  process.exitCode = 0
  await main([
    process.execPath,
    'weft',
    'import',
    join(import.meta.dirname, 'golden/peft/gpt2/lora.causal_lm'),
    '--out',
    join(temporaryFolder(), 'x.safetensors'),
    '--config',
    join(import.meta.dirname, '../weft.config.ts'),
    ...options(),
  ])
  const code = process.exitCode
  vi.restoreAllMocks()
  process.exitCode = 0
  // Files that the line names have to be others.
  expect(code).toBe(2)
  for (const part of said) expect(stderr).toMatch(typeof part === 'string' ? new RegExp(part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')) : part)
})

const pluginOf = (id: string) => plugins.find((plugin) => plugin.id === id)!
