import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Composed, type FloatTensor, type Pooling, placedComposition, Random, type TaskType } from '@weft/adapters'
import { baseWeights } from '@weft/inference/base-weights'
import { type Param, type Plugin, parseConfig } from '@weft/methods'
import { AttentionInputs, type LoadedModel, loadModel } from '@weft/model'
import { openRuntime, type Runtime, type Weights } from '@weft/ort'
import { Disposables } from '@weft/ort/disposables'
import plugins from '@weft/plugins'
import { tinyConfigs } from '@weft/test/cases/tiny-configs'
import { writeTinyGpt2, writeTinyLlama } from '@weft/test/models/tiny-llama'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LayoutOptions, type TokenBatch, tokenBatch } from '../batch/batch-tensors.ts'
import type { TokenRow } from '../data/token-row.ts'
import { GraphEngine } from '../graph/engine.ts'
import { parameterSlots, programPlacement, type TrainingProgram } from '../graph/graph.ts'
import { type FrozenContext, noContext } from '../regularize/frozen-context.ts'
import { JointEngine } from './engine.ts'

/** A method with its config, the lengths of the rows it trains on, and its frozen context. */
interface Member {
  method: string
  config?: object
  lengths: number[]
  context?: FrozenContext
}

const registry = plugins as readonly Plugin[]
/** Methods whose adapters stand alone on a base that all of them share. */
const methods = registry
  .filter(
    ({ id, sites, requires, tasks }) =>
      !sites.includes('weights') && !sites.includes('text') && !requires && (tasks?.includes('CAUSAL_LM') ?? true) && id !== 'linear-probe',
  )
  .map(({ id }) => id)

const runtime: Runtime = openRuntime()
const bases: Record<string, { model: LoadedModel; weights: Weights }> = {}

beforeAll(async () => {
  const shapes = ['bert', 'roberta', 't5'].map((name): [string, string] => {
    const file = join(mkdtempSync(join(tmpdir(), 'weft-joint-')), 'config.json')
    writeFileSync(file, JSON.stringify(tinyConfigs[name]))
    return [name, file]
  })
  for (const [name, source] of [['llama', writeTinyLlama()], ['gpt2', writeTinyGpt2()], ...shapes]) {
    const model = await loadModel(source)
    bases[name] = { model, weights: await baseWeights(runtime, model) }
  }
})
afterAll(() => {
  for (const { weights } of Object.values(bases)) weights.dispose()
  runtime.dispose()
})

interface Options {
  base?: string
  layout?: LayoutOptions
  task?: TaskType
  pooling?: Pooling
}

/** Losses and gradients of all members together, and of each alone. */
async function both(members: Member[], { base = 'llama', layout = {}, task = 'CAUSAL_LM', pooling }: Options = {}) {
  const { model, weights } = bases[base]
  const attention = new AttentionInputs(model)
  const made = members.map(({ method, config = {}, lengths, context }, a) => {
    const plugin = registry.find(({ id }) => id === method)!
    const parsed = parseConfig(plugin, config)
    const labelled = task === 'SEQ_CLS' || task === 'TOKEN_CLS'
    const program: TrainingProgram = {
      model,
      plugin,
      config: parsed,
      params: plugin.params(parsed as never, model.spec, []),
      task,
      numLabels: labelled ? 2 + a : 0,
      pooling,
      headBias: labelled && model.spec.classifier.bias,
      headDense: labelled && model.spec.classifier.dense,
    }
    const random = new Random(`member ${a}`)
    const values = Object.fromEntries(
      parameterSlots(program).map(({ name, shape }) => [name, Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, () => random.normal(0, 0.3))]),
    )
    const predictsFirst = task !== 'CAUSAL_LM' || programPlacement(program, context).rows > 0
    const rows = lengths.map((length, b): TokenRow => {
      const ids = () => Uint32Array.from({ length }, () => random.integer(model.spec.vocabSize))
      if (task === 'SEQ_CLS') return { tokens: ids(), weights: new Float32Array(), label: (b % 2) + a, rowWeight: 1 + b }
      const weights = Float32Array.from({ length }, (_, t) => (t === 0 && !predictsFirst ? 0 : [1, 0.5, 0][random.integer(3)])).fill(1, -1)
      return {
        tokens: ids(),
        weights,
        rowWeight: 1,
        ...(task === 'SEQ_2_SEQ_LM' && { targets: ids() }),
        ...(task === 'TOKEN_CLS' && { classes: Int32Array.from({ length }, () => random.integer(2 + a)) }),
      }
    })
    const length = Math.max(...lengths)
    // One row more than there are: a last batch is seldom full.
    const bucket = { rows: rows.length + 1, length, lossRows: (rows.length + 1) * length, ...(task === 'SEQ_2_SEQ_LM' && { targets: length }) }
    return { program, values, batch: { ...tokenBatch(rows, bucket), ...(context && { context }) } }
  })
  const factor = ({ weight }: TokenBatch): number => 1 / weight
  using owned = new Disposables()
  const engines = made.map(({ program, values }) => owned.use(new GraphEngine({ program, runtime, weights, attention, layout, values })))
  using together = new JointEngine({ engines, runtime, weights, attention, layout })
  const losses = await together.gradients(
    made.map(({ batch }) => batch),
    made.map(({ batch }) => factor(batch)),
  )
  const now = () => engines.map(({ parameters }) => parameters.map(({ gradient }) => gradient.slice()))
  const gradients = now()
  const lossesAlone: number[] = []
  for (const [a, { batch }] of made.entries()) {
    for (const { gradient } of engines[a].parameters) gradient.fill(0)
    lossesAlone.push(await engines[a].gradients(batch, factor(batch)))
  }
  const alone = now().map((each, a) => ({ loss: lossesAlone[a], gradients: each }))
  return { losses, alone, gradients }
}

async function expectAsAlone(members: Member[], options: Options = {}): Promise<void> {
  const { losses, gradients, alone } = await both(members, options)
  for (const [a, { method }] of members.entries()) {
    expect(losses[a], method).toBeCloseTo(alone[a].loss, 4)
    for (const [i, gradient] of gradients[a].entries()) {
      const expected = alone[a].gradients[i]
      const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
      expect(largest, method).toBeGreaterThan(0)
      expect(gradient.reduce((most, value, e) => Math.max(most, Math.abs(value - expected[e])), 0) / largest, `${method}, parameter ${i}`).toBeLessThan(1e-4)
    }
  }
}

const virtual = (method: string, numVirtualTokens: number): object => {
  const plugin = registry.find(({ id }) => id === method)!
  const fields = (plugin.config as unknown as { shape: Record<string, unknown> }).shape
  return 'numVirtualTokens' in fields ? { numVirtualTokens } : 'adapterLen' in fields ? { adapterLen: numVirtualTokens } : {}
}

test.each(methods)('%s: several adapters together get the gradients each gets alone', (method) =>
  expectAsAlone([
    { method, config: virtual(method, 3), lengths: [7] },
    { method, config: virtual(method, 3), lengths: [5] },
    { method, config: virtual(method, 3), lengths: [7] },
  ]),
)

test.each(methods)('%s: … with states of different lengths and different numbers of rows', (method) =>
  expectAsAlone([
    { method, config: virtual(method, 2), lengths: [7, 3] },
    { method, config: virtual(method, 5), lengths: [6] },
  ]),
)

// GPT-2's keys and values are one layer, which adaption-prompt refuses.
test.each([
  ['llama', methods],
  ['gpt2', methods.filter((id) => id !== 'adaption-prompt')],
])('all methods at once on %s, padded on either side', async (base, possible) => {
  const members = possible.map((method, i): Member => ({ method, config: virtual(method, 2 + (i % 3)), lengths: i % 2 ? [4, 8] : [6] }))
  for (const padding of ['right', 'left'] as const) await expectAsAlone(members, { base, layout: { padding } })
})

const some = (config: number): Member[] => [
  { method: 'prompt-tuning', config: virtual('prompt-tuning', config), lengths: [6, 4] },
  { method: 'prefix-tuning', config: virtual('prefix-tuning', 3), lengths: [5] },
  { method: 'lora', lengths: [7, 3, 6] },
]

test.each<[TaskType, string, Pooling?]>([
  ['SEQ_CLS', 'llama'],
  ['SEQ_CLS', 'bert'],
  ['SEQ_CLS', 'bert', 'mean'],
  ['SEQ_CLS', 'roberta'],
  ['TOKEN_CLS', 'bert'],
  ['SEQ_2_SEQ_LM', 't5'],
])('%s on %s, classifiers of different sizes', (task, base, pooling) => expectAsAlone(some(2), { task, base, pooling }))

test("a frozen context is each one's own, and what all share is computed once", async () => {
  const { spec } = bases.llama.model
  const random = new Random('context')
  const tensor = (...shape: number[]): FloatTensor => ({
    shape,
    data: Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, () => random.normal(0, 0.3)),
  })
  const placed = (composed: Composed) => placedComposition(composed, spec, () => tensor(1, spec.hiddenSize))
  const keyValue = { prefix: tensor(spec.numLayers, 2, spec.numKeyValueHeads, 4, spec.headDim), bias: { shape: [4], data: new Float32Array(4).fill(-1) } }
  const prefix = placed({ segments: [], sites: { keyValue }, longestPrefix: 4 })
  const [[module, [out, input]]] = Object.entries(spec.modules)
  const linear = { [`${module}.a`]: tensor(2, input), [`${module}.b`]: tensor(out, 2) }
  const low = placed({ segments: [{ kind: 'rows', rows: tensor(2, spec.hiddenSize) }], sites: { linear }, longestPrefix: 0 })
  await expectAsAlone(some(2).map((member) => ({ ...member, context: { before: [low], after: [] } })))
  await expectAsAlone(some(3).map((member, a) => ({ ...member, context: [noContext, { before: [low], after: [prefix] }, { before: [prefix], after: [] }][a] })))
})

test('adapters for different tasks do not train together', () => {
  const { model, weights } = bases.llama
  const plugin = registry.find(({ id }) => id === 'linear-probe')!
  const attention = new AttentionInputs(model)
  const engine = (task: TaskType): GraphEngine =>
    new GraphEngine({
      program: { model, plugin, config: {}, params: {}, task, numLabels: 2, headBias: false },
      runtime,
      weights,
      attention,
      values: { 'head.weight': new Float32Array(64) },
    })
  using language = engine('CAUSAL_LM')
  using classes = engine('SEQ_CLS')
  expect(() => new JointEngine({ engines: [language, classes], runtime, weights, attention })).toThrowError(
    expect.objectContaining({ code: 'joint_tasks_differ' }),
  )
})

test('a method whose rows are each of a task does not train together', () => {
  const { model, weights } = bases.llama
  const plugin = registry.find(({ id }) => id === 'multitask-prompt-tuning')!
  const config = parseConfig(plugin, { numVirtualTokens: 2, numTasks: 2 })
  const params: Record<string, Param> = plugin.params(config as never, model.spec, [])
  const attention = new AttentionInputs(model)
  using engine = new GraphEngine({
    program: { model, plugin, config, params, task: 'CAUSAL_LM', numLabels: 0, headBias: false, taskIds: true },
    runtime,
    weights,
    attention,
    values: Object.fromEntries(Object.entries(params).map(([name, { shape }]) => [name, new Float32Array(shape.reduce((n, d) => n * d, 1))])),
  })
  expect(() => new JointEngine({ engines: [engine], runtime, weights, attention })).toThrowError(expect.objectContaining({ code: 'joint_row_tasks' }))
})

test('one adapter is a joint run of one', () => expectAsAlone([{ method: 'prefix-tuning', config: { numVirtualTokens: 3 }, lengths: [5, 2] }]))

test('what exists once for a batch does not train together', async () => {
  await expect(
    both([
      { method: 'full', lengths: [4] },
      { method: 'prompt-tuning', config: { numVirtualTokens: 2 }, lengths: [4] },
    ]),
  ).rejects.toThrowError(expect.objectContaining({ code: 'site_not_trainable' }))
})
