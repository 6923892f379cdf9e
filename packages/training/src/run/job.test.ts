import { readAdapter } from '@weft/adapters'
import { precisionOf } from '@weft/model'
import { type TrainingSpec, trainingSpecSchema } from '@weft/protocol'
import { lettersHost } from '@weft/test/models/letters-host'
import { expect, test, vi } from 'vitest'
import { GraphEngine } from '../graph/engine.ts'
import type { TrainingEvent } from './events.ts'
import { runTraining, type TrainingFiles, type TrainingHost } from './job.ts'

const host = lettersHost()
const calculated = GraphEngine.prototype.loss

const spec = (overrides: Record<string, unknown> = {}, hyperparameters: Record<string, unknown> = {}): TrainingSpec =>
  trainingSpecSchema.parse({
    jobId: 'j',
    name: 'style/test',
    model: { name: 'base', fingerprint: host().model.fingerprint },
    method: 'prompt-tuning',
    config: { numVirtualTokens: 4 },
    task: 'CAUSAL_LM',
    hyperparameters: { batchSize: 4, maxSteps: 12, evalEvery: 4, learningRate: 0.05, ...hyperparameters },
    seed: 5,
    ...overrides,
  })
const words = ['the whale', 'a boat and thread', 'weft', 'warp and waves', 'sea', 'speech of state', 'spam', 'ham and eggs']
const lines = (rows: unknown[]): string => rows.map((row) => JSON.stringify(row)).join('\n')
const texts: TrainingFiles = { training: lines(Array.from({ length: 24 }, (_, i) => ({ text: `${words[i % 8]} ${words[(i * 3) % 8]}.` }))) }
const labelled: TrainingFiles = {
  training: lines(Array.from({ length: 40 }, (_, i) => ({ text: `${words[i % 8]} ${i % 2 ? 'zz' : 'qq'}`, label: i % 2 ? 'last' : 'first' }))),
}
const train = (s: TrainingSpec, files: TrainingFiles = texts, further: Partial<TrainingHost> = {}) => runTraining(s, files, { ...host(), ...further })
const interrupted = async (s: TrainingSpec, at: number): Promise<Uint8Array> => {
  const abort = new AbortController()
  let checkpoint: Uint8Array | undefined
  await expect(
    train(s, texts, {
      signal: abort.signal,
      onCheckpoint: (bytes, step) => {
        if (step === at) {
          checkpoint = bytes
          abort.abort()
        }
      },
    }),
  ).rejects.toMatchObject({ code: 'cancelled' })
  return checkpoint!
}

test("a plugin's own fault is told before anything is trained", async () => {
  const [promptTuning] = [...host().plugins].filter(({ id }) => id === 'prompt-tuning')
  const trained = vi.fn()
  const training = (part: object) => train(spec(), texts, { plugins: [{ ...promptTuning, ...part }], onEvent: trained })
  await expect(training({ sites: ['residual'] })).rejects.toThrow(expect.objectContaining({ code: 'plugin_failed' }))
  await expect(training({ encode: (g: any) => g.nope() })).rejects.toThrow(/"encode" threw TypeError: g.nope is not a function/)
  expect(trained).not.toHaveBeenCalled()
})

test('the same seed gives the same bytes, another seed others', async () => {
  const [a, b, c] = [await train(spec()), await train(spec()), await train(spec({ seed: 6 }))]
  expect(Buffer.from(a.adapter).equals(b.adapter)).toBe(true)
  expect(Buffer.from(a.adapter).equals(c.adapter)).toBe(false)
})

test.each(['adamw', 'adafactor'])('a run resumed from a checkpoint ends with the same bytes (%s)', async (optimizer) => {
  const s = spec({}, { optimizer, checkpointEvery: 5, gradientAccumulation: 2 })
  const whole = await train(s)
  const events: TrainingEvent[] = []
  const resumed = await train(s, texts, { checkpoint: await interrupted(s, 5), onEvent: (e) => events.push(e) })
  expect(events.find((e) => e.type === 'resume')).toMatchObject({ step: 5 })
  expect(Buffer.from(resumed.adapter).equals(whole.adapter)).toBe(true)
  expect(resumed.loss).toBe(whole.loss)
})

test.each(['evaluated', 'measured'])('a run that is stopped while it is %s ends there, and goes on to the same bytes', async (stage) => {
  const s = spec({}, { patience: 1 })
  const files = { ...texts, validation: lines(Array.from({ length: 40 }, (_, i) => ({ text: words[i % 8] }))) }
  const whole = await train(s, files)
  const abort = new AbortController()
  let [bytes, step, read] = [new Uint8Array(), 0, 0]
  const loss = vi.spyOn(GraphEngine.prototype, 'loss').mockImplementation(function (this: GraphEngine, ...batch) {
    if (abort.signal.aborted) read++
    else if (stage === 'evaluated') abort.abort()
    return calculated.apply(this, batch)
  })
  const onEvent = (event: TrainingEvent) => event.type === 'measuring' && event.rows > 0 && abort.abort()
  const stopped = train(s, files, { signal: abort.signal, onEvent, onCheckpoint: (...kept) => void ([bytes, step] = kept) })
  await expect(stopped).rejects.toMatchObject({ code: 'cancelled' })
  loss.mockRestore()
  expect([read < 2, step]).toEqual([true, stage === 'evaluated' ? 4 : whole.steps])
  expect(Buffer.from((await train(s, files, { checkpoint: bytes })).adapter).equals(whole.adapter)).toBe(true)
})

test('a checkpoint of another run, or half of one, is refused', async () => {
  const s = spec({}, { checkpointEvery: 5 })
  const checkpoint = await interrupted(s, 5)
  await expect(train(spec({ seed: 6 }, { checkpointEvery: 5 }), texts, { checkpoint })).rejects.toMatchObject({ code: 'checkpoint_mismatch' })
  await expect(train(s, { training: `${texts.training}\n{"text":"more"}` }, { checkpoint })).rejects.toMatchObject({ code: 'checkpoint_mismatch' })
  await expect(train(s, texts, { checkpoint: checkpoint.subarray(0, 300) })).rejects.toMatchObject({ code: 'unreadable_checkpoint' })
})

test('whoever waits is told where a run goes on over weights that are held otherwise', async () => {
  const s = spec({}, { checkpointEvery: 5 })
  const checkpoint = await interrupted(s, 5)
  const { model, ...place } = host()
  const told: string[] = []
  const onEvent = (event: TrainingEvent) => event.type === 'message' && event.level === 'warn' && told.push(event.message)
  await runTraining(s, texts, { ...place, weights: undefined, model: { ...model, precision: precisionOf('int8') }, checkpoint, onEvent })
  expect(told).toEqual([expect.stringMatching(/^Resumed over weights in int8; up to here they were in float32\./)])
})

test('every method learns, and its file says what it is', async () => {
  for (const [method, methodConfig] of [
    ['prompt-tuning', { numVirtualTokens: 4 }],
    ['prefix-tuning', { numVirtualTokens: 4 }],
    ['prefix-tuning', { numVirtualTokens: 4, prefixProjection: true }],
    ['full', {}],
  ] as const) {
    const losses: number[] = []
    const result = await train(spec({ method, config: methodConfig }, { maxSteps: 30, learningRate: 0.02 }), texts, {
      onEvent: (e) => {
        if (e.type === 'step') losses.push(e.loss)
      },
    })
    expect(losses.at(-1)!, method).toBeLessThan(losses[0])
    const { manifest } = await readAdapter(result.adapter, { model: host().model.spec, base: { name: 'base', fingerprint: host().model.fingerprint } })
    expect(manifest).toMatchObject({ method, task: 'CAUSAL_LM', training: { steps: result.steps, metrics: { perplexity: Math.exp(result.metrics.loss) } } })
  }
})

test('a baked encoder is kept beside the state, a flat prompt is stored once', async () => {
  const projected = await readAdapter(
    (await train(spec({ method: 'prefix-tuning', config: { numVirtualTokens: 2, prefixProjection: true } }, { maxSteps: 1 }))).adapter,
  )
  expect(Object.keys(projected.params).sort()).toEqual(['embedding', 'hiddenBias', 'hiddenWeight', 'outputBias', 'outputWeight'])
  const flat = await readAdapter((await train(spec({}, { maxSteps: 1 }))).adapter)
  expect(flat.params).toEqual({})
})

test('a classifier learns its labels, and is measured on held-out rows', async () => {
  const events: TrainingEvent[] = []
  const result = await train(spec({ task: 'SEQ_CLS' }, { maxSteps: 80, learningRate: 0.03 }), labelled, { onEvent: (e) => events.push(e) })
  expect(events[0]).toMatchObject({ type: 'data', rows: 36, validationRows: 4, labels: ['first', 'last'] })
  expect(result.metrics).toMatchObject({ accuracy: 1, balanced_accuracy: 1, f1: 1 })
  const { manifest, state } = await readAdapter(result.adapter)
  expect(manifest.labels).toEqual(['first', 'last'])
  expect(state.head.weight.shape).toEqual([2, 16])
})

test.each([1, 4])('labelled rows that weigh 0 are as if they were not there, in batches of %i', async (batchSize) => {
  const all = labelled.training
    .toString()
    .split('\n')
    .map((line) => JSON.parse(line))
  const unweighed = all.slice(0, 24).map((row) => ({ ...row, weight: 0 }))
  const s = spec({ task: 'SEQ_CLS' }, { batchSize, maxSteps: 20 })
  const [some, only] = [await train(s, { training: lines([...unweighed, ...all]) }), await train(s, labelled)]
  expect(some.verdict.rows).toEqual({ training: 36, heldOut: 4, truncated: 0 })
  expect([some.loss, some.metrics]).toEqual([only.loss, only.metrics])
})

test('a label whose rows all weigh 0 is told as one that was not learned', async () => {
  const given = lines(
    ['first', 'last', 'zulu'].flatMap((label) =>
      Array.from({ length: 12 }, (_, i) => ({ text: `${words[i % 8]} ${label}`, label, weight: label === 'zulu' ? 0 : 1 })),
    ),
  )
  const { verdict } = await train(spec({ task: 'SEQ_CLS' }, { maxSteps: 4 }), { training: given })
  expect(verdict.findings.find(({ code }) => code === 'class_not_trained')).toMatchObject({
    message: expect.stringContaining('"zulu"'),
    next: expect.stringContaining('weigh more than 0'),
  })
})

/** The letters' model, but what it reads of an x are no numbers. */
const withoutX = (): TrainingHost => {
  const { model, ...rest } = host()
  const [{ weights }, [x]] = [model, model.tokenizer!.encode('x')]
  const spoilt: typeof weights = {
    names: weights.names,
    shape: (name) => weights.shape(name),
    readSync: (name, into) => weights.readSync(name, into),
    rows: (name, ids) => weights.rows(name, ids),
    external: () => null,
    read: async (name, into) => {
      const values = await weights.read(name, into)
      return name.includes('embed') ? values.fill(Number.NaN, 16 * x, 16 * (x + 1)) : values
    },
  }
  return { ...rest, model: { ...model, weights: spoilt } }
}

test('a held-out loss that is no finite number loses no training: its checkpoints are resumed, its file is read', async () => {
  const s = spec({ task: 'SEQ_CLS' }, { checkpointEvery: 6 })
  const files = { ...labelled, validation: lines(['sea qq', 'fox qq', 'sea zz', 'fox zz'].map((text, i) => ({ text, label: i < 2 ? 'first' : 'last' }))) }
  const checkpoints: Uint8Array[] = []
  const whole = await train(s, files, { ...withoutX(), onCheckpoint: (bytes) => void checkpoints.push(bytes.slice()) })
  expect(whole.metrics).toMatchObject({ 'rows.first': 2, accuracy: expect.any(Number) })
  expect(whole.metrics).not.toHaveProperty('loss')
  expect(whole.verdict.findings.map(({ code }) => code)).toContain('held_out_loss_not_finite')
  const { manifest } = await readAdapter(whole.adapter)
  expect(manifest.training).toMatchObject({ metrics: whole.metrics, verdict: whole.verdict })
  const resumed = await train(s, files, { ...withoutX(), checkpoint: checkpoints[0] })
  expect(Buffer.from(resumed.adapter).equals(whole.adapter)).toBe(true)
})

test('a perplexity beyond float32 is left out of the file, and the loss is told', async () => {
  const { adapter, metrics, verdict } = await train(
    spec({ method: 'full', config: {} }, { learningRate: 5, maxSteps: 3, evalEvery: 100, maxGradNorm: 0, warmupRatio: 0 }),
  )
  expect(metrics.loss).toBeGreaterThan(89)
  expect(Object.keys(metrics)).toEqual(['loss'])
  expect((await readAdapter(adapter)).manifest.training).toMatchObject({ metrics, verdict })
  expect(verdict).toMatchObject({ outcome: 'worse', metrics: { loss: expect.any(Number) } })
})

test('rows of several tasks learn what each task asks, over one shared prompt', async () => {
  // One prompt, two answers: only who knows the task can know which. Who guesses loses log 2 on one of two tokens.
  const rows = (withTask: boolean) =>
    lines(Array.from({ length: 16 }, (_, i) => ({ prompt: 'sea', completion: i % 2 ? 'z' : 'q', ...(withTask && { task_id: i % 2 }) })))
  const s = spec(
    { method: 'multitask-prompt-tuning', config: { numVirtualTokens: 6, numTasks: 2, numRanks: 2 } },
    { maxSteps: 150, learningRate: 0.1, evalEvery: 1000 },
  )
  const [knowing, guessing] = [await train(s, { training: rows(true) }), await train(s, { training: rows(false) })]
  expect(guessing.loss - knowing.loss).toBeGreaterThan((0.8 * Math.LN2) / 2)
})

test.each<[string, string, Record<string, unknown>, Record<string, unknown>[]]>([
  ['a method without tasks', 'task_id_not_supported', { method: 'prompt-tuning' }, [{ text: 'a.', task_id: 0 }]],
  ['a row without', 'task_id_missing', {}, [{ text: 'a.', task_id: 0 }, { text: 'b.' }]],
  ['a task too many', 'task_id_unknown', {}, [{ text: 'a.', task_id: 2 }]],
])('a task_id is refused: %s', async (_, code, overrides, rows) => {
  const s = spec({ method: 'multitask-prompt-tuning', config: { numVirtualTokens: 2, ...(!overrides.method && { numTasks: 2 }) }, ...overrides })
  await expect(train(s, { training: lines(rows) })).rejects.toMatchObject({ code })
})

test('accumulated micro-batches train like one big batch', async () => {
  const rows = { training: lines(Array.from({ length: 8 }, (_, i) => ({ text: words[i] }))) }
  const adapters = await Promise.all(
    [
      [8, 1],
      [2, 4],
    ].map(async ([batchSize, gradientAccumulation]) => readAdapter((await train(spec({}, { batchSize, gradientAccumulation, maxSteps: 3 }), rows)).adapter)),
  )
  const [whole, parts] = adapters.map((a) => a.state.inputsEmbeds.rows.data)
  for (const [i, value] of whole.entries()) expect(parts[i]).toBeCloseTo(value, 3)
})

test('what is too long for the context is cut and counted', async () => {
  const events: TrainingEvent[] = []
  await train(spec({}, { maxSteps: 1 }), { training: lines([{ text: 'long '.repeat(40) }, { text: 'short' }]) }, { onEvent: (e) => events.push(e) })
  expect(events[0]).toMatchObject({ truncatedRows: 1, maxLength: 44, tokens: 44 + 5 }) // 48 positions, 4 of them virtual
})

test('timers run during training', async () => {
  let ticks = 0
  const timer = setInterval(() => {
    ticks += 1
  }, 1)
  await train(spec({ method: 'full', config: {} }, { maxSteps: 20 }))
  clearInterval(timer)
  expect(ticks).toBeGreaterThan(10)
})

test('vectors that grew longer than a file takes are told with what keeps them short', async () => {
  const growing = spec({}, { maxSteps: 2, maxGradNorm: 0, warmupRatio: 0 })
  await expect(train({ ...growing, hyperparameters: { ...growing.hyperparameters, learningRate: 1e5 } })).rejects.toThrow(
    expect.objectContaining({
      code: 'tensor_norm',
      message: expect.stringMatching(/at most 10000 is accepted\. Try a learning rate ten times smaller, and leave max_grad_norm at its default of 1\.$/),
      details: { norm: expect.any(Number), limit: 10000 },
    }),
  )
})

test.each<[string, () => Promise<unknown>, string]>([
  ['an unknown method', () => train(spec({ method: 'no-such' })), 'method_not_found'],
  ['a method without parameters', () => train(spec({ method: 'text', config: { text: 'weft' } })), 'nothing_to_train'],
  ['a prompt longer than the context', () => train(spec({ config: { numVirtualTokens: 48 } })), 'context_too_short'],
  [
    'a learning rate that diverges',
    () => {
      const diverging = spec({ method: 'full', config: {} }, { maxSteps: 20, maxGradNorm: 0, warmupRatio: 0 })
      return train({ ...diverging, hyperparameters: { ...diverging.hyperparameters, learningRate: 1e18 } })
    },
    'loss_not_finite',
  ],
  ['labels that no row has', () => train(spec({ task: 'SEQ_CLS', labels: ['first', 'last', 'middle'] }), labelled), 'label_without_rows'],
  [
    'validation labels that all weigh 0',
    () => train(spec({ task: 'SEQ_CLS' }), { ...labelled, validation: lines([{ text: 'sea qq', label: 'first', weight: 0 }]) }),
    'nothing_to_learn',
  ],
  ['texts without labels for a classifier', () => train(spec({ task: 'SEQ_CLS' })), 'training_file_keys'],
  ['an empty validation file', () => train(spec(), { ...texts, validation: '' }), 'training_file_empty'],
  ['a missing trunk', () => train(spec({ method: 'prompt-adapter', config: { trunk: 'style/trunk' } })), 'missing_required'],
])('%s is refused with its code', async (_, run, code) => {
  await expect(run()).rejects.toMatchObject({ code })
})
