import { expect, test } from 'vitest'
import type { Parameter } from '../graph/parameter.ts'
import { AdamW } from '../optimizer/index.ts'
import type { TrainingEvent } from './events.ts'
import { type CountedBatch, type LoopOptions, type LoopState, type TrainingEngine, trainLoop } from './loop.ts'

interface Points extends CountedBatch {
  xs: number[]
  ys: number[]
}

/** Weighted least squares, y = a·x + b: small enough to know every gradient, and an engine like any other. */
class LineEngine implements TrainingEngine<Points> {
  readonly parameters: Parameter[] = [{ name: 'ab', shape: [2], data: new Float32Array(2), gradient: new Float32Array(2) }]
  async gradients({ xs, ys }: Points, factor: number): Promise<number> {
    const [
      {
        data: [a, b],
        gradient,
      },
    ] = this.parameters
    gradient.fill(0)
    let loss = 0
    for (const [i, x] of xs.entries()) {
      const error = a * x + b - ys[i]
      loss += factor * error * error
      gradient[0] += 2 * factor * error * x
      gradient[1] += 2 * factor * error
    }
    return loss
  }
}

const points = (n: number, from = 0): Points => {
  const xs = Array.from({ length: n }, (_, i) => Math.sin(from + i))
  return { xs, ys: xs.map((x) => 3 * x - 1), weight: n, tokens: n }
}

const run = async (options: Partial<LoopOptions<Points>> = {}) => {
  const engine = new LineEngine()
  const events: TrainingEvent[] = []
  const state = await trainLoop({
    engine,
    optimizer: new AdamW(engine.parameters, { weightDecay: 0 }),
    totalSteps: 30,
    batches: (step) => [points(6, step)],
    learningRate: () => 0.1,
    onEvent: (e) => events.push(e),
    ...options,
  })
  return { engine, state, events, values: [...engine.parameters[0].data] }
}

test('it learns, and reports step, loss, speed and time left', async () => {
  const { events, values } = await run({ totalSteps: 300, learningRate: (s) => 0.1 * (1 - s / 300) })
  expect(values).toEqual([expect.closeTo(3, 2), expect.closeTo(-1, 2)])
  const last = events.at(-1)!
  expect(last).toMatchObject({ type: 'step', step: 300, totalSteps: 300, etaS: 0 })
})

test('accumulated micro-batches of unequal weight equal one big batch', async () => {
  const whole = await run()
  const parts = await run({ batches: (step) => [points(1, step), points(3, step + 1), points(2, step + 4)] })
  for (const [i, v] of whole.values.entries()) expect(parts.values[i]).toBeCloseTo(v, 5)
})

test('early stopping waits for its patience and gives back the best parameters', async () => {
  const losses = [5, 4, 3, 3.5, 3.2, 9, 9]
  let best: number[] = []
  const engine = new LineEngine()
  const events: TrainingEvent[] = []
  const state = await trainLoop({
    engine,
    optimizer: new AdamW(engine.parameters),
    totalSteps: 30,
    batches: (s) => [points(6, s)],
    learningRate: () => 0.1,
    evalSteps: 2,
    patience: 2,
    onEvent: (e) => events.push(e),
    evaluate: async () => {
      const loss = losses.shift()!
      if (loss === 3) best = [...engine.parameters[0].data]
      return loss
    },
  })
  expect(state).toMatchObject({ step: 10, bestStep: 6, bestEvalLoss: 3, stopped: true })
  expect(events.at(-1)).toMatchObject({ type: 'early_stop', bestStep: 6 })
  expect([...engine.parameters[0].data]).toEqual(best)
})

test('a signal ends the run with a coded error, after a checkpoint of the step that it has reached', async () => {
  const abort = new AbortController()
  const kept: number[] = []
  await expect(
    run({
      signal: abort.signal,
      checkpointSteps: 2,
      onCheckpoint: ({ step }) => kept.push(step),
      onEvent: (e) => {
        if (e.type === 'step' && e.step === 3) abort.abort()
      },
    }),
  ).rejects.toMatchObject({ code: 'cancelled', details: { step: 3 } })
  expect(kept).toEqual([2, 3])
})

test('what is stopped between a step and its evaluation leaves that to whoever goes on, and ends as if nothing had been', async () => {
  const losses = (from: number) => [5, 4, 6, 3, 7, 2].slice(from)
  const evaluated = (options: Partial<LoopOptions<Points>>, left: number[]) =>
    run({ totalSteps: 12, evalSteps: 2, checkpointSteps: 100, evaluate: async () => left.shift()!, ...options })
  const whole = await evaluated({}, losses(0))
  const abort = new AbortController()
  const engine = new LineEngine()
  const optimizer = new AdamW(engine.parameters, { weightDecay: 0 })
  let state: LoopState | undefined
  const stops = (e: TrainingEvent) => {
    if (e.type === 'step' && e.step === 4) abort.abort()
  }
  const onCheckpoint = (at: LoopState) => {
    state = structuredClone(at)
    return 0
  }
  const stopped = evaluated({ engine, optimizer, signal: abort.signal, onEvent: stops, onCheckpoint }, losses(0))
  await expect(stopped).rejects.toMatchObject({ code: 'cancelled' })
  expect(state).toMatchObject({ step: 4, evaluationDue: true, bestEvalLoss: 5 })
  const resumed = await evaluated({ engine, optimizer, state: state! }, losses(1))
  expect(resumed.state).toEqual(whole.state)
  expect([...engine.parameters[0].data]).toEqual(whole.values)
})

test('a loss that is no number says what to try', async () => {
  await expect(run({ batches: (step) => [{ ...points(2), ys: [step === 4 ? Number.NaN : 0, 0] }] })).rejects.toMatchObject({
    code: 'loss_not_finite',
    details: { step: 5 },
    message: expect.stringContaining('learning rate ten times smaller'),
  })
})

test('at the first step it is the start that is at fault, not the rate', async () => {
  await expect(run({ batches: () => [{ ...points(2), ys: [Number.NaN, 0] }] })).rejects.toMatchObject({
    code: 'loss_not_finite',
    details: { step: 1 },
    message: expect.stringMatching(/before anything was learned.*rows of only zeros/),
  })
})

test('checkpoints come every n steps, but not after the last', async () => {
  const steps: number[] = []
  await run({
    totalSteps: 12,
    checkpointSteps: 4,
    onCheckpoint: ({ step }) => {
      steps.push(step)
      return 1
    },
  })
  expect(steps).toEqual([4, 8])
})

test('an evaluation that is no finite number is kept nowhere: not as the best, nor as the last', async () => {
  const losses = [2, Number.NaN, Number.POSITIVE_INFINITY]
  let at = 0
  const { state } = await run({ totalSteps: 3, evalSteps: 1, evaluate: async () => losses[at++] })
  expect(state).toMatchObject({ bestStep: 1, bestEvalLoss: 2, evaluationsWithoutGain: 2 })
  expect(state).not.toHaveProperty('lastEvalLoss')
})
