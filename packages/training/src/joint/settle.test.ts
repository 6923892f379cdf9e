import { type LoadedAdapter, readAdapter } from '@weft/adapters'
import { AttentionInputs } from '@weft/model'
import { type Probe, trainingSpecSchema } from '@weft/protocol'
import { tinyHost } from '@weft/test/models/tiny-host'
import { expect, test } from 'vitest'
import { tokenBatch } from '../batch/batch-tensors.ts'
import { GraphEngine } from '../graph/engine.ts'
import { frozenProgram } from '../graph/frozen-program.ts'
import { placedExpression } from '../regularize/expression.ts'
import { type FrozenContext, noContext } from '../regularize/frozen-context.ts'
import { runTraining } from '../run/job.ts'
import { type SettledOperand, settleStack, settlingJobs } from './settle.ts'

const host = tinyHost()

const lines = (rows: object[]): string => rows.map((row) => JSON.stringify(row)).join('\n')
const tasks: Record<string, string[]> = {
  weft: ['the weft is drawn', 'the warp stands still', 'a thread in the air', 'another one there'],
  sea: ['we went to sea again', 'a boat and a whale', 'waves upon the boat', 'the sea was grey'],
}

/** As it does when nobody has told it of the others. @param over what its specification says besides, and the adapters that this names */
const loud = async (name: string, over: { spec?: object; adapters?: LoadedAdapter[] } = {}): Promise<SettledOperand> => {
  const training = lines(tasks[name].map((text) => ({ text })))
  const hyperparameters = { batchSize: 4, maxSteps: 12, learningRate: 0.1 }
  const spec = { jobId: name, name, model: { name: 'base', fingerprint: host().model.fingerprint }, method: 'parallel-prefix', task: 'CAUSAL_LM', seed: 5 }
  const config = { numVirtualTokens: 3, gateLearningRate: 1 }
  const asked = trainingSpecSchema.parse({ ...spec, config, hyperparameters, ...over.spec })
  const { adapter } = await runTraining(asked, { training, validation: training, required: over.adapters }, host())
  const probes: Probe[] = tasks[name].map((text) => ({ text }))
  return { name, adapter: await readAdapter(adapter), files: { training, validation: training }, probes, hyperparameters }
}

const asked = async <T>(texts: string[], ask: (engine: GraphEngine, batch: ReturnType<typeof tokenBatch>) => Promise<T>): Promise<T> => {
  const { model, runtime, weights } = host()
  using engine = new GraphEngine({ program: frozenProgram(model), runtime, weights, attention: new AttentionInputs(model), values: {} })
  const rows = texts.map((text) => {
    const tokens = Uint32Array.from(model.tokenizer!.encode(text))
    return { tokens, weights: Float32Array.from(tokens, (_, t) => (t > 0 ? 1 : 0)), rowWeight: 1 }
  })
  return ask(engine, tokenBatch(rows, { rows: rows.length, length: 32, lossRows: rows.reduce((n, row) => n + row.tokens.length - 1, 0) }))
}
const alone = (adapter: LoadedAdapter): FrozenContext => ({ before: [placedExpression('it', new Map([['it', adapter]]), host().model)], after: [] })
const loss = (texts: string[], context: FrozenContext) => asked(texts, (engine, batch) => engine.loss({ ...batch, context }, 1 / batch.weight))
const change = async (texts: string[], adapter: LoadedAdapter): Promise<number> =>
  asked(texts, async (engine, batch) => {
    const bare = (await engine.hidden({ ...batch, context: noContext })).data.slice()
    const { data } = await engine.hidden({ ...batch, context: alone(adapter) })
    return bare.reduce((sum, value, i) => sum + (value - data[i]) ** 2, 0)
  })

test('each of a settled stack keeps its task, and is silent on what the other is asked; the adapters before stay as they are', async () => {
  const operands = [await loud('weft'), await loud('sea')]
  const files = await settleStack(operands, { steps: 16, learningRate: 0.05, weight: 20, seed: 5 }, host())
  for (const [i, { name, adapter: before }] of operands.entries()) {
    const after = await readAdapter(files[i])
    const others = tasks[operands[1 - i].name]
    expect(await change(others, after)).toBeLessThan(0.5 * (await change(others, before)))
    expect(await loss(tasks[name], alone(after))).toBeLessThan(await loss(tasks[name], noContext))
    expect(after.digest).not.toBe(before.digest)
    // The verdict says how much more silent.
    const { silence, findings, ...verdict } = after.manifest.training!.verdict!
    expect(silence!.after).toBeLessThan(0.5 * silence!.before)
    expect(findings).toContainEqual(expect.objectContaining({ code: 'silence', level: 'info', message: expect.stringContaining(silence!.before.toFixed(3)) }))
    // And what it costs: beside what the adapter was measured at when it was trained.
    expect(verdict.before!.metrics.loss).toBeCloseTo(before.manifest.training!.verdict!.metrics.loss, 5)
    expect(verdict.before!.gain).toBeCloseTo(verdict.before!.metrics.loss - verdict.metrics.loss, 5)
    expect(findings).toContainEqual(expect.objectContaining({ code: expect.stringMatching(/_in_settling$/) }))
    expect(after.manifest.lineage).toMatchObject({ from: name, settles: 'weft + sea', required: [{ ref: name, digest: before.digest }] })
  }
  // The same again gives the same.
  const again = await settleStack(operands, { steps: 16, learningRate: 0.05, weight: 20, seed: 5 }, host())
  expect(again.map((bytes) => Buffer.from(bytes))).toEqual(files.map((bytes) => Buffer.from(bytes)))
})

test('what was trained on top of another is settled on top of it, and what needs another has it', async () => {
  const { adapter: beneath } = await loud('sea', { spec: { method: 'prompt-tuning', config: { numVirtualTokens: 2 } } })
  const [under, met] = ['under@1', 'met@1'].map((ref) => ({ ref, digest: beneath.digest }))
  const over = { on: '0.5*under@1', partners: { adapters: ['met@1'], texts: false }, required: [under, met] }
  const branch = { method: 'prompt-adapter', config: { trunk: 'under@1', r: 2 }, required: [under] }
  const operands = [await loud('weft', { spec: over, adapters: [beneath, beneath] }), await loud('sea', { spec: branch, adapters: [beneath] })]
  const settling = { steps: 4, learningRate: 0.01, weight: 1, seed: 5 }
  const files = await settleStack(
    operands.map((operand) => ({ ...operand, required: [beneath] })),
    settling,
    host(),
  )
  const settled = await Promise.all(files.map(async (bytes) => (await readAdapter(bytes)).manifest))
  // As the edge's jobs have it: whom it met when it was trained has no part in it.
  expect(settled.map(({ lineage }) => lineage)).toMatchObject([
    { on: '0.5*under@1', required: [under, { ref: 'weft', digest: operands[0].adapter.digest }] },
    { required: [under, { ref: 'sea', digest: operands[1].adapter.digest }] },
  ])
  // Measured where it was measured when it was trained, and so it answers there as it did.
  for (const [i, { training }] of settled.entries())
    expect(training!.verdict!.before!.metrics.loss).toBeCloseTo(operands[i].adapter.manifest.training!.verdict!.metrics.loss, 5)
  await expect(settleStack(operands, settling, host())).rejects.toMatchObject({ code: 'missing_required', message: expect.stringContaining('under@1') })
})

test('a settled run that goes on from a checkpoint ends with the same bytes', async () => {
  const operands = [await loud('weft'), await loud('sea')]
  const [{ spec, files }] = settlingJobs(operands, host(), { steps: 8, learningRate: 0.05, weight: 1, seed: 5 })
  const job = { ...spec, hyperparameters: { ...spec.hyperparameters, checkpointEvery: 3 } }
  const saved: Uint8Array[] = []
  const whole = await runTraining(job, files, {
    ...host(),
    onCheckpoint: (bytes) => {
      saved.push(bytes.slice())
    },
  })
  expect(saved.length).toBeGreaterThan(0)
  const resumed = await runTraining(job, files, { ...host(), checkpoint: saved[0] })
  expect(Buffer.from(resumed.adapter)).toEqual(Buffer.from(whole.adapter))
})
