import {
  type AdapterState,
  type FloatTensor,
  floatTensor,
  identical,
  type LoadedAdapter,
  Random,
  readAdapter,
  sites,
  type TaskType,
  taskTypes,
  validateState,
  writeAdapter,
} from '@weft/adapters'
import { checkGradients } from '@weft/autodiff'
import { type GraphBuilder, type TensorData, tensor, type Value } from '@weft/graph'
import {
  checkTask,
  encodeState,
  exportPeft,
  type InitContext,
  importPeft,
  initialize,
  type Param,
  type Plugin,
  paramsToKeep,
  parseConfig,
  peftParamName,
  restoreParams,
} from '@weft/methods'
import { describe, expect, test } from 'vitest'
import { adapterOf, tinyBase, tinyModel } from './tiny-adapters.ts'

/** One way to configure a method, and what is known of the outcome. */
export interface PluginConfig {
  /** As a user writes it. */
  config: Record<string, unknown>
  /** Adapters it requires. */
  required?: AdapterState[]
  /** Numbers that training changes. */
  parameters: number
  /** Positions it takes. */
  virtualTokens?: { rows: number; prefix: number }
  /** Tensors a fresh adapter must have, where a method starts as the identity. */
  fresh?: AdapterState
  /** Sites it acts at when that depends on the config; all that the plugin declares when absent. */
  sites?: string[]
  /** Settings that PEFT's config does not have: they are said again when its file is brought in. */
  settings?: Record<string, unknown>
  /** Whether a gradient is stopped on purpose, so that finite differences see more than it says. */
  stopsGradients?: boolean
}

export interface PluginCases {
  configs: Record<string, PluginConfig>
  /** Configs that must be refused, with the field at fault as the wire spells it: `method.prompt-tuning.num_virtual_tokens`. */
  refused?: { config: unknown; param: string }[]
  tasks?: readonly TaskType[]
}

/** A base model of rules instead of weights: what initializers ask for can be told from the ids. */
export function tinyContext(options: { labels?: string[]; required?: LoadedAdapter[]; seed?: number } = {}): InitContext {
  const { hiddenSize: H, numLayers: L, numKeyValueHeads: K, headDim: D, vocabSize, weights } = tinyModel
  return {
    random: new Random(options.seed ?? 1),
    // One token per word, ids by length; id 1 marks a beginning.
    tokenize: (text, { addSpecialTokens = false } = {}) => [
      ...(addSpecialTokens ? [1] : []),
      ...text
        .split(/\s+/)
        .filter(Boolean)
        .map((word) => 2 + word.length),
    ],
    embedding: (ids) => Float32Array.from(ids.flatMap((id) => Array.from({ length: H }, (_, h) => id + h / 100))),
    keyValue: async (ids) =>
      Float32Array.from({ length: L * 2 * K * ids.length * D }, (_, i) => ids[Math.floor(i / D) % ids.length] + Math.floor(i / (D * ids.length)) / 1000),
    baseWeight: (name) => new Float32Array(weights[name].reduce((a, b) => a * b, 1)).fill(name.length),
    // Rows of three tokens: 1 2 3.
    trainingTokens: (count) => Array.from({ length: count }, (_, i) => 1 + (i % 3)),
    labels: options.labels ?? [],
    required: options.required ?? [],
    vocabSize,
  }
}

/** Everything a method must do, over its configs. A new plugin's test calls this and adds what only it can know. */
export function pluginCases(plugin: Plugin, { configs, refused = [], tasks = taskTypes }: PluginCases): void {
  test('declares sites that exist, a paper by address, and kebab-case', () => {
    for (const site of plugin.sites) expect(Object.keys(sites)).toContain(site)
    expect(plugin.id).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/)
    if (plugin.paper) expect(() => new URL(plugin.paper!)).not.toThrow()
    expect(plugin.description).toBeTruthy()
  })

  test('can be trained for what it says, and nothing else', () => {
    for (const task of taskTypes) {
      if (tasks.includes(task)) expect(() => checkTask(plugin, task)).not.toThrow()
      else expect(() => checkTask(plugin, task)).toThrow(expect.objectContaining({ code: 'task_not_supported' }))
    }
  })

  for (const { config, param } of [...refused, { config: { noSuchField: 1 }, param: `method.${plugin.id}.no_such_field` }]) {
    test(`refuses ${JSON.stringify(config)}`, () => {
      expect(() => parseConfig(plugin, config)).toThrow(
        expect.objectContaining({ code: 'invalid_config', details: { issues: expect.arrayContaining([expect.objectContaining({ param })]) } }),
      )
    })
  }

  describe.each(Object.entries(configs))('%s', (_, given) => {
    const config = parseConfig(plugin, given.config) as any
    const when =
      (applies: unknown) =>
      (title: string, body: () => Promise<void>): void => {
        if (applies) test(title, body)
      }
    const setUp = async (
      seed = 1,
    ): Promise<{ required: LoadedAdapter[]; params: Record<string, Param>; values: Record<string, FloatTensor>; state: AdapterState }> => {
      const required = await Promise.all((given.required ?? []).map((state) => adapterOf(state)))
      const params = plugin.params(config, tinyModel, required) as Record<string, Param>
      const context = tinyContext({ required, seed, labels: ['ham', 'bad spam'] })
      const values: Record<string, FloatTensor> = {}
      for (const [name, { shape, init }] of Object.entries(params)) {
        values[name] = floatTensor([...shape], await initialize(init, { ...context, random: context.random.split(name) }, shape, name))
      }
      return { required, params, values, state: encodeState(plugin, values, config, tinyModel) }
    }

    test('its config survives JSON and a second parse', () => {
      expect(parseConfig(plugin, JSON.parse(JSON.stringify(config)))).toEqual(config)
    })

    test('asks for as many adapters as it is given', () => {
      expect((plugin.requires?.(config) ?? []).length).toBe((given.required ?? []).length)
    })

    test(`trains ${given.parameters} numbers`, async () => {
      const { params } = await setUp()
      const trained = Object.values(params).filter(({ trainable }) => trainable)
      expect(trained.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)).toBe(given.parameters)
    })

    test('starts the same from the same seed', async () => {
      const [first, second] = [await setUp(7), await setUp(7)]
      for (const [name, { data }] of Object.entries(first.values)) expect(second.values[name].data).toEqual(data)
    })

    test('encodes to a state that its sites accept, at the sites it declares', async () => {
      const { state } = await setUp()
      expect(Object.keys(state).sort()).toEqual([...(given.sites ?? plugin.sites)].sort())
      for (const [site, tensors] of Object.entries(state)) expect(() => validateState(site, tensors, tinyModel)).not.toThrow()
    })

    test('takes the positions it says, and its file reads back bit for bit', async () => {
      const { state, values, required } = await setUp()
      const file = await writeAdapter(manifest(plugin, config), state, paramsToKeep(plugin, values, state, { config, model: tinyModel, required }))
      const adapter = await readAdapter(file, { model: tinyModel, base: tinyBase })
      expect(adapter.manifest.virtualTokens).toEqual(given.virtualTokens ?? { rows: 0, prefix: 0 })
      expect(await writeAdapter(manifest(plugin, config), adapter.state, adapter.params)).toEqual(file)
      for (const [site, tensors] of Object.entries(state))
        for (const [name, value] of Object.entries(tensors)) expect(identical(adapter.state[site][name], value)).toBe(true)
      // Training can continue from the file alone.
      const restored = restoreParams(plugin, adapter, { config, model: tinyModel, required })
      for (const [name, value] of Object.entries(restored)) expect(identical(value, values[name]), name).toBe(true)
      expect(Object.keys(restored).length).toBe(
        Object.values(plugin.params(config, tinyModel, required) as Record<string, Param>).filter(({ trainable }) => trainable).length,
      )
    })

    when(given.fresh)('changes nothing when fresh', async () => {
      const { state } = await setUp()
      for (const [site, tensors] of Object.entries(given.fresh!)) {
        for (const [name, value] of Object.entries(tensors)) expect([...state[site][name].data], `${site}.${name}`).toEqual([...value.data])
      }
    })

    when(given.parameters && !given.stopsGradients)('its gradients are those of finite differences', async () => {
      const { params, values } = await setUp()
      const random = new Random(3)
      // Away from a fresh start, where some gradients are zero by design.
      const feeds: Record<string, TensorData> = Object.fromEntries(
        Object.entries(params).map(([name, { shape }]) => [
          name,
          tensor(
            'float32',
            shape,
            Array.from(values[name].data, (value) => Math.tanh(value) + 0.3 * random.normal()),
          ),
        ]),
      )
      const build = (g: GraphBuilder, inputs: Record<string, Value>): Value[] =>
        Object.values(plugin.encode(g, inputs, config, tinyModel)).flatMap((tensors) => Object.values(tensors).map((value) => g.identity(value)))
      const wrt = Object.entries(params)
        .filter(([, { trainable }]) => trainable)
        .map(([name]) => name)
      for (const { input, error } of checkGradients(build, feeds, { wrt })) expect(error, input).toBeLessThan(1e-6)
    })

    when(plugin.peft)("goes to PEFT's files and back", async () => {
      const { state, values } = await setUp()
      const kept = plugin.peft!.paramsFrom ? paramsToKeep(plugin, values, state, { config, model: tinyModel }) : {}
      const adapter = await readAdapter(await writeAdapter(manifest(plugin, config), state, kept))
      const files = exportPeft(adapter, [plugin], tinyModel)
      const peft = JSON.parse(files.config)
      expect(peft).toMatchObject({ peft_type: plugin.peft!.peftType, task_type: 'CAUSAL_LM', inference_mode: true })
      if (given.virtualTokens)
        expect(peft).toMatchObject({
          num_virtual_tokens: Math.max(given.virtualTokens.rows, given.virtualTokens.prefix),
          num_layers: tinyModel.numLayers,
          num_transformer_submodules: 1,
        })
      if (plugin.peft!.imports === false) return
      const back = await importPeft(files, [plugin], {
        model: tinyModel,
        base: tinyBase,
        baseWeight: tinyContext().baseWeight,
        ...(given.settings && { settings: given.settings }),
      })
      for (const [site, tensors] of Object.entries(state))
        for (const [name, value] of Object.entries(tensors)) expect(identical(back.state[site][name], value)).toBe(true)
      for (const [name, tensor] of Object.entries(back.params)) expect(identical(kept[name], tensor), name).toBe(true)
      for (const [name, { trainable }] of Object.entries<Param>(plugin.params(config, tinyModel, []))) {
        if (trainable) expect(peftParamName(plugin, name, tinyModel)).toMatch(/^(prompt_encoder\.default|base_model\.model)\./)
      }
    })
  })
}

const manifest = (plugin: Plugin, config: Record<string, unknown>) => ({ method: plugin.id, config, base: tinyBase, task: 'CAUSAL_LM' as const, lineage: {} })
