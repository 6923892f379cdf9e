import { type FloatTensor, floatTensor, invocationsOf, type ModelSpec, readAdapter, writeAdapter } from '@weft/adapters'
import { checkTask, checkWarmStart, encodeState, exportPeft, importPeft, type Param, parseConfig } from '@weft/methods'
import { pluginCases, tinyContext } from '@weft/test/cases/plugin'
import { tinyBase, tinyModel } from '@weft/test/cases/tiny-adapters'
import { describe, expect, test } from 'vitest'
import lora from './index.ts'

// q_proj [20,12] and v_proj [10,12] of 3 layers.
const pair = (r: number): number => 3 * (r * (20 + 12) + r * (10 + 12))
const sites = ['linear']

pluginCases(lora, {
  configs: {
    defaults: { config: {}, parameters: pair(8), sites },
    'a scale that division does not undo': { config: { r: 3, loraAlpha: 5, initLoraWeights: false }, parameters: pair(3), sites },
    'rank-stabilized': { config: { r: 3, loraAlpha: 5, useRslora: true, initLoraWeights: 'gaussian' }, parameters: pair(3), sites },
    'all linear layers but one': {
      config: { r: 1, targetModules: 'all-linear', excludeModules: ['mlp.gate_proj'] },
      parameters: 3 * (32 + 22 + 22 + 32 + 32 + 32),
      sites,
    },
    'ranks and alphas of some': {
      config: { r: 2, rankPattern: { 'layers.1.*.q_proj': 5 }, alphaPattern: { v_proj: 3 }, initLoraWeights: false },
      parameters: pair(2) + 3 * 32,
      sites,
    },
    DoRA: {
      config: { r: 2, loraAlpha: 3, useDora: true, initLoraWeights: false },
      parameters: pair(2) + 3 * (20 + 10),
      sites: ['linear', 'scale'],
      stopsGradients: true,
    },
    'an invocation': {
      config: { r: 3, loraAlpha: 5, aloraInvocationTokens: [3, 39], initLoraWeights: false },
      parameters: pair(3),
      sites: ['activatedLinear'],
    },
  },
  refused: [
    { config: { r: 0 }, param: 'method.lora.r' },
    { config: { loraAlpha: 0 }, param: 'method.lora.lora_alpha' },
    { config: { loraDropout: 0.1 }, param: 'method.lora.lora_dropout' },
    { config: { targetModules: [] }, param: 'method.lora.target_modules' },
    { config: { bias: 'some' }, param: 'method.lora.bias' },
    { config: { aloraInvocationTokens: [] }, param: 'method.lora.alora_invocation_tokens' },
    { config: { aloraInvocationTokens: [-1] }, param: 'method.lora.alora_invocation_tokens[0]' },
    { config: { aloraInvocationTokens: [1.5] }, param: 'method.lora.alora_invocation_tokens[0]' },
    { config: { aloraInvocation: '' }, param: 'method.lora.alora_invocation' },
    { config: { aloraInvocation: 'check', useDora: true }, param: 'method.lora.use_dora' },
    { config: { rankPattern: { q_proj: 0 } }, param: 'method.lora.rank_pattern.q_proj' },
    { config: { rankPattern: { '(q_proj': 2 } }, param: 'method.lora.rank_pattern.(q_proj' },
    { config: { targetModules: '.*(q_proj' }, param: 'method.lora.target_modules' },
    { config: { targetModules: '.*(?<=q)_proj' }, param: 'method.lora.target_modules' },
    { config: { targetModules: 'all-linear', layersToTransform: [0] }, param: 'method.lora.layers_to_transform' },
    { config: { targetModules: '.*q_proj', layersToTransform: 0 }, param: 'method.lora.layers_to_transform' },
    { config: { targetModules: '.*q_proj', layersPattern: 'layers' }, param: 'method.lora.layers_pattern' },
    { config: { targetModules: ['q_proj'], layersPattern: ['layers'] }, param: 'method.lora.layers_pattern' },
    { config: { layersToTransform: [1e9] }, param: 'method.lora.layers_to_transform[0]' },
  ],
})

const paramsOf = (config: object, model: ModelSpec = tinyModel): Record<string, Param> => lora.params(parseConfig(lora, config), model, [])
const trained = (config: object, model?: ModelSpec): string[] =>
  Object.entries(paramsOf(config, model))
    .filter(([, { trainable }]) => trainable)
    .map(([name]) => name)
const modules = (config: object, model?: ModelSpec): string[] =>
  trained(config, model)
    .filter((name) => name.endsWith('.lora_A'))
    .map((name) => name.slice(0, -'.lora_A'.length))

test('modules are chosen as PEFT chooses them', () => {
  expect(modules({ targetModules: ['model.layers.1.self_attn.q_proj'] })).toEqual(['model.layers.1.self_attn.q_proj'])
  expect(modules({ targetModules: 'model\\.layers\\.\\d+\\.mlp\\.(up|gate)_proj' })).toHaveLength(6)
  expect(modules({ layersToTransform: 2 })).toEqual(['model.layers.2.self_attn.q_proj', 'model.layers.2.self_attn.v_proj'])
  expect(modules({ targetModules: ['q_proj'], layersToTransform: [0, 2], layersPattern: 'layers' })).toEqual([
    'model.layers.0.self_attn.q_proj',
    'model.layers.2.self_attn.q_proj',
  ])
  expect(modules({ targetModules: 'all-linear', excludeModules: '.*mlp.*|.*[qkv]_proj' })).toEqual(
    [0, 1, 2].map((layer) => `model.layers.${layer}.self_attn.o_proj`),
  )
})

test("expressions are Python's, and cost what their length says", () => {
  expect(modules({ targetModules: '(?i)\\Amodel\\.LAYERS\\.[02]\\..*Q_PROJ\\Z' })).toEqual([0, 2].map((layer) => `model.layers.${layer}.self_attn.q_proj`))
  expect(modules({ targetModules: 'model.layers.(?P<layer>\\d{,2})\\.self_attn.[]q_]+proj' })).toHaveLength(3)
  // The whole name, as fullmatch.
  expect(() => modules({ targetModules: 'q_proj' })).toThrow(expect.objectContaining({ code: 'target_modules_missing' }))
  const started = process.cpuUsage()
  expect(() => modules({ targetModules: '(([a-z_.0-9])+)+!' })).toThrow(expect.objectContaining({ code: 'target_modules_missing' }))
  expect(paramsOf({ rankPattern: { '(([a-z_.0-9])+)+!': 3 } })['model.layers.0.self_attn.q_proj.lora_A'].shape).toEqual([8, 12])
  // Of this process' own time: others may have the core meanwhile.
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(1000)
})

test('layers are counted as PEFT counts them', () => {
  const name = 'model.layers.1.self_attn.q_proj'
  // A module that is named in full is of any layer.
  expect(modules({ targetModules: [name, 'v_proj'], layersToTransform: 2 })).toEqual([name, 'model.layers.2.self_attn.v_proj'])
  // The first number is the layer's, not an expert's.
  const experts: ModelSpec = { ...tinyModel, modules: { 'model.layers.1.experts.0.up': [4, 4], 'model.layers.0.experts.1.up': [4, 4] } }
  expect(modules({ targetModules: ['up'], layersToTransform: 1 }, experts)).toEqual(['model.layers.1.experts.0.up'])
  expect(modules({ targetModules: ['up'], layersToTransform: 1, layersPattern: 'layers' }, experts)).toEqual(['model.layers.1.experts.0.up'])
  expect(modules({ targetModules: ['up'], layersToTransform: [], excludeModules: ['experts.1.up'] }, experts)).toEqual(['model.layers.1.experts.0.up'])
})

test('ranks go by the first pattern that fits the end of a name', () => {
  const rank = (rankPattern: Record<string, number>, layer: number) => paramsOf({ rankPattern })[`model.layers.${layer}.self_attn.q_proj.lora_A`].shape[0]
  expect(rank({ q_proj: 2, '.*q_proj': 3 }, 0)).toBe(2)
  expect(rank({ proj: 2 }, 0)).toBe(8)
  expect(rank({ '^q_proj': 2, '^model.layers.0.self_attn.q_proj$': 4 }, 0)).toBe(4)
  expect(rank({ 'layers\\.[12]\\..*': 5 }, 0)).toBe(8)
  expect(rank({ 'layers\\.[12]\\..*': 5 }, 1)).toBe(5)
  expect(paramsOf({ rankPattern: Object.fromEntries([['__proto__', 3]]) })['model.layers.0.self_attn.q_proj.lora_A'].shape).toEqual([8, 12])
  const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`a${i}+`, 1]))
  expect(() => paramsOf({ rankPattern: many })).toThrow(expect.objectContaining({ code: 'invalid_config', message: expect.stringContaining('256') }))
})

test('modules that are not there are answered with those that are', () => {
  expect(() => modules({ targetModules: ['c_attn'] })).toThrow(
    expect.objectContaining({ code: 'target_modules_missing', message: expect.stringMatching(/"c_attn".*self_attn\.q_proj.*mlp\.down_proj/) }),
  )
  // A name that ends alike is another name.
  expect(() => modules({ targetModules: ['proj'] })).toThrow(expect.objectContaining({ code: 'target_modules_missing' }))
  expect(() => modules({ layersToTransform: [3] })).toThrow(expect.objectContaining({ code: 'target_modules_missing' }))
  expect(() => modules({}, { ...tinyModel, roles: undefined })).toThrow(
    expect.objectContaining({ code: 'target_modules_missing', message: expect.stringContaining('has no default for llama') }),
  )
})

const q = 'model.layers.0.self_attn.q_proj'
const biased: ModelSpec = { ...tinyModel, weights: { ...tinyModel.weights, [`${q}.bias`]: [20], 'model.layers.0.mlp.up_proj.bias': [20] } }

const encoded = (config: object, model: ModelSpec, values: Record<string, FloatTensor>) => {
  const parsed = parseConfig(lora, config)
  const all = Object.fromEntries(Object.entries(paramsOf(config, model)).map(([name, { shape }]) => [name, values[name] ?? floatTensor([...shape])]))
  return encodeState(lora, all, parsed, model)
}

test('a trained bias acts as its difference to the frozen one, and starts as it', () => {
  const config = { targetModules: ['q_proj'], bias: 'lora_only' }
  expect(trained(config, biased).filter((name) => name.includes('bias'))).toEqual([`${q}.base_layer.bias`])
  const base = floatTensor([20], new Float32Array(20).fill(2))
  const { linear } = encoded(config, biased, { [`${q}.base_layer.bias`]: floatTensor([20], new Float32Array(20).fill(5)), [`${q}.bias`]: base })
  expect([...linear[`${q}.bias`].data]).toEqual(Array(20).fill(3))
  const context = { ...tinyContext(), baseWeight: () => base.data }
  expect(paramsOf(config, biased)[`${q}.base_layer.bias`].init(context, [20])).toEqual(base.data)
})

test('all biases are those of layers that are not adapted too; one that belongs to no layer is refused by name', () => {
  const config = { targetModules: ['q_proj'], bias: 'all' }
  expect(trained(config, biased).filter((name) => name.includes('bias'))).toEqual([`${q}.base_layer.bias`, 'model.layers.0.mlp.up_proj.trained_bias'])
  const one = floatTensor([20], new Float32Array(20).fill(1))
  expect(encoded(config, biased, { 'model.layers.0.mlp.up_proj.trained_bias': one }).linear['model.layers.0.mlp.up_proj.bias'].data).toEqual(one.data)
  const normed: ModelSpec = { ...biased, weights: { ...biased.weights, 'model.norm.bias': [12] } }
  expect(() => trained(config, normed)).toThrow(expect.objectContaining({ code: 'bias_not_supported', message: expect.stringContaining('model.norm.bias') }))
})

test('a fresh DoRA is the identity: lengths over themselves, and nothing added', () => {
  const config = { targetModules: ['q_proj'], layersToTransform: 0, useDora: true }
  const context = { ...tinyContext(), baseWeight: (name: string) => Float32Array.from({ length: 240 }, (_, i) => Math.sin(i + name.length)) }
  const values = Object.fromEntries(
    Object.entries(paramsOf(config)).map(([name, { shape, init }]) => [name, floatTensor([...shape], init(context, shape) as Float32Array)]),
  )
  const { linear, scale } = encodeState(lora, values, parseConfig(lora, config), tinyModel)
  for (const factor of scale[`${q}.out`].data) expect(factor).toBeCloseTo(1, 6)
  expect([...linear[`${q}.b`].data].every((value) => value === 0)).toBe(true)
})

test('DoRA measures rows of the weight that acts, however it is stored', () => {
  const module = 'h.0.c_attn'
  const flat = Float32Array.from({ length: 6 }, (_, i) => i + 1) // [in 2, out 3]: rows of the acting weight are (1,4), (2,5), (3,6)
  const conv: ModelSpec = {
    ...tinyModel,
    modules: { [module]: [3, 2] },
    weights: { [`${module}.weight`]: [2, 3] },
    roles: { attention: { queryKeyValue: 'c_attn' }, feedForward: {} },
  }
  const {
    [`${module}.lora_magnitude_vector`]: { init },
  } = paramsOf({ useDora: true }, conv)
  const lengths = [Math.hypot(1, 4), Math.hypot(2, 5), Math.hypot(3, 6)].map(Math.fround)
  expect([...(init({ ...tinyContext(), baseWeight: () => flat }, [3]) as Float32Array)]).toEqual(lengths)
  const { scale } = encoded({ useDora: true }, conv, {
    [`${module}.weight`]: floatTensor([2, 3], flat),
    [`${module}.lora_magnitude_vector`]: floatTensor([3], Float32Array.of(1, 1, 1)),
  })
  scale[`${module}.out`].data.forEach((factor, i) => expect(factor).toBeCloseTo(1 / lengths[i], 6))
})

describe('an adapter that waits for an invocation', () => {
  const config = { aloraInvocationTokens: [3, 39], targetModules: ['q_proj'], layersToTransform: 0 }

  test('has its tokens and its directions at a site of their own', () => {
    const { activatedLinear, linear } = encoded(config, tinyModel, {})
    expect(invocationsOf(activatedLinear.invocations)).toEqual([[3, 39]])
    expect([...activatedLinear[`${q}.of`].data]).toEqual(Array(8).fill(1))
    expect(linear).toBeUndefined()
  })

  test('a trained bias acts at every token, as in PEFT', () => {
    const state = encoded({ ...config, bias: 'lora_only' }, biased, { [`${q}.base_layer.bias`]: floatTensor([20], new Float32Array(20).fill(5)) })
    expect(Object.keys(state.linear)).toEqual([`${q}.bias`])
    expect(Object.keys(state.activatedLinear)).toContain(`${q}.a`)
  })

  test('needs tokens that the model has, and a model that reads them in order', () => {
    expect(() => paramsOf({ aloraInvocationTokens: [1, 40] })).toThrow(
      expect.objectContaining({ code: 'invalid_config', param: 'method.lora.alora_invocation_tokens[1]' }),
    )
    for (const change of [{ bidirectional: true }, { encoderDecoder: { numEncoderLayers: 1, decoderStartTokenId: 0 } }])
      for (const given of [config, { aloraInvocation: 'check' }])
        expect(() => paramsOf(given, { ...tinyModel, ...change })).toThrow(expect.objectContaining({ code: 'invocation_needs_decoder' }))
  })

  test('generates, and classifies nothing', () => {
    const parsed = parseConfig(lora, config)
    expect(() => checkTask(lora, 'CAUSAL_LM', parsed)).not.toThrow()
    for (const task of ['SEQ_CLS', 'TOKEN_CLS', 'FEATURE_EXTRACTION'] as const) {
      expect(() => checkTask(lora, task, parsed)).toThrow(expect.objectContaining({ code: 'task_not_supported' }))
      expect(() => checkTask(lora, task, parseConfig(lora, {}))).not.toThrow()
    }
  })

  test('said as a text, it is in the tokens of the model', () => {
    const told = (given: object, ids: number[] = [3, 39]) => lora.tokenized!(parseConfig(lora, given), () => ids)
    expect(told({ aloraInvocation: '<check>' })).toMatchObject({ aloraInvocation: '<check>', aloraInvocationTokens: [3, 39] })
    expect(told({ aloraInvocation: '<check>', aloraInvocationTokens: [3, 39] })).toMatchObject({ aloraInvocationTokens: [3, 39] })
    expect(told({ aloraInvocationTokens: [4] })).toMatchObject({ aloraInvocationTokens: [4] })
    expect(() => told({ aloraInvocation: '<check>', aloraInvocationTokens: [3] })).toThrow(
      expect.objectContaining({ code: 'invalid_config', param: 'method.lora.alora_invocation_tokens' }),
    )
    const from = {
      reference: 'check/facts@1',
      manifest: { method: 'lora', config: parseConfig(lora, { aloraInvocation: '<check>', aloraInvocationTokens: [3, 39] }) },
    }
    expect(() => checkWarmStart(lora, parseConfig(lora, { aloraInvocation: '<check>' }), from)).not.toThrow()
    expect(() => checkWarmStart(lora, from.manifest.config, from)).not.toThrow()
    expect(() => checkWarmStart(lora, parseConfig(lora, { aloraInvocation: '<check>', aloraInvocationTokens: [3] }), from)).toThrow(
      expect.objectContaining({ code: 'cannot_warm_start' }),
    )
    expect(() => told({ aloraInvocation: ' ' }, [])).toThrow(expect.objectContaining({ code: 'invocation_empty' }))
  })

  test("its tokens go to PEFT's config and back; no tokens are no invocation there", async () => {
    const parsed = parseConfig(lora, config)
    const written = await writeAdapter({ method: 'lora', config: parsed, base: tinyBase, task: 'CAUSAL_LM', lineage: {} }, encoded(config, tinyModel, {}))
    const adapter = await readAdapter(written)
    const files = exportPeft(adapter, [lora], tinyModel)
    expect(JSON.parse(files.config)).toMatchObject({ alora_invocation_tokens: [3, 39] })
    const imported = (tokens: unknown) =>
      importPeft({ ...files, config: JSON.stringify({ ...JSON.parse(files.config), alora_invocation_tokens: tokens }) }, [lora], {
        model: tinyModel,
        base: tinyBase,
        baseWeight: tinyContext().baseWeight,
      })
    const back = await imported([3, 39])
    expect(back.manifest.config).toMatchObject({ aloraInvocationTokens: [3, 39] })
    expect(back.state).toEqual(adapter.state)
    for (const none of [null, []]) expect(Object.keys((await imported(none)).state)).toEqual(['linear'])
    await expect(imported([40])).rejects.toMatchObject({ code: 'invalid_config' })
    await expect(imported('check')).rejects.toMatchObject({ code: 'invalid_config' })
    const other = { ...adapter, manifest: { ...adapter.manifest, config: { ...parsed, aloraInvocationTokens: [3] } } }
    expect(() => exportPeft(other, [lora], tinyModel)).toThrow(
      expect.objectContaining({ code: 'config_contradicted', message: expect.stringContaining('activatedLinear.invocations') }),
    )
  })
})
