import { expect, test } from 'vitest'
import type { Parameter } from '../graph/parameter.ts'
import { type TrainingEngine, trainLoop } from '../run/loop.ts'
import { AdamW } from './adamw.ts'
import { initialLossScale, regrow, shrink } from './loss-scale.ts'

/** loss = (x − 3)², its gradient rounded to float16 as a device would: infinite beyond 65504, nothing below 6e-8. */
function parabola(start: number, steepness = 1): { engine: TrainingEngine<{ weight: number; tokens: number }>; parameter: Parameter; scales: number[] } {
  const parameter: Parameter = { name: 'x', shape: [1], data: Float32Array.of(start), gradient: new Float32Array(1) }
  const scales: number[] = []
  const engine = {
    parameters: [parameter],
    gradients: async (_: unknown, factor: number, scale = 1) => {
      scales.push(scale)
      const [half] = Float16Array.of(scale * factor * steepness * 2 * (parameter.data[0] - 3))
      parameter.gradient[0] = half
      return steepness * (parameter.data[0] - 3) ** 2
    },
  }
  return { engine, parameter, scales }
}
const run = (engine: ReturnType<typeof parabola>['engine'], parameter: Parameter, totalSteps: number, over = {}) =>
  trainLoop({
    engine,
    optimizer: new AdamW([parameter]),
    totalSteps,
    batches: () => [{ weight: 1, tokens: 1 }],
    learningRate: () => 0.1,
    lossScaling: true,
    ...over,
  })

test('a step that overflows is taken again at half the scale, and none is lost', async () => {
  const { engine, parameter, scales } = parabola(5)
  const said: string[] = []
  const state = await run(engine, parameter, 3, {
    onEvent: (event: { type: string; message?: string }) => event.type === 'message' && said.push(event.message!),
  })
  // 2·(5 − 3)·65536 is beyond 65504: three halvings, then three good steps.
  expect(scales.slice(0, 4)).toEqual([65536, 32768, 16384, 8192])
  expect([state.step, state.lossScale, said.length]).toEqual([3, { scale: 8192, goodSteps: 3 }, 3])
  expect(said[0]).toContain('step 1 overflows float16')
})

test('a gradient too small for float16 arrives all the same', async () => {
  const [scaled, bare] = [parabola(5, 1e-9), parabola(5, 1e-9)]
  await run(scaled.engine, scaled.parameter, 1)
  await run(bare.engine, bare.parameter, 1, { lossScaling: false })
  expect(bare.parameter.gradient[0]).toBe(0)
  expect(scaled.parameter.gradient[0]).toBeCloseTo(4e-9, 11)
})

test('what is stopped while the scale is looked for is kept as of the step before', async () => {
  const { engine, parameter } = parabola(5)
  const abort = new AbortController()
  const kept: [number, boolean][] = []
  const stopped = run(engine, parameter, 6, {
    signal: abort.signal,
    checkpointSteps: 100,
    evaluate: async () => 1,
    evalSteps: 1,
    onCheckpoint: ({ step, evaluationDue = false }: { step: number; evaluationDue?: boolean }) => (kept.push([step, evaluationDue]), 1),
    onEvent: ({ type, step }: { type: string; step?: number }) => {
      // From here on nothing is finite until somebody stops it.
      if (type === 'eval' && step === 2) engine.gradients = async () => (abort.abort(), Number.NaN)
    },
  })
  await expect(stopped).rejects.toMatchObject({ code: 'cancelled' })
  expect(kept).toEqual([[2, false]])
})

test('what is not finite at any scale is an error, not a loop', async () => {
  const { engine, parameter } = parabola(Number.NaN)
  await expect(run(engine, parameter, 1)).rejects.toMatchObject({ code: 'loss_not_finite' })
})

test('two thousand good steps double the scale, up to its limit', () => {
  const state = initialLossScale()
  for (let i = 0; i < 2000; i++) regrow(state)
  expect(state).toEqual({ scale: 2 ** 17, goodSteps: 0 })
  for (let i = 0; i < 40 * 2000; i++) regrow(state)
  expect(state.scale).toBe(2 ** 24)
  while (shrink(state));
  expect(state.scale).toBe(1)
})
