import { killedRunners } from '@weft/test/cases/serving/killed-runners'
import { expect, test } from 'vitest'
import { EdgeOfRunners } from './edge-of-runners.test.setup.ts'

// The long form kills real runners: `test/acceptance/killed-runners.ts`.
test('runners that are killed at random under load lose nothing that was acknowledged, and no request is refused', async () => {
  await using edge = await EdgeOfRunners.start(3)
  const names = await edge.publish(6)
  for (const runner of edge.runners) {
    runner.takesMs = 5
    runner.says = 'the same'
  }
  const report = await killedRunners({
    runners: edge.runners.map((runner) => ({ kill: () => runner.kill(), start: async () => void (await runner.start()) })),
    complete: (model, stream) => edge.fetch('/v1/completions', { method: 'POST', body: JSON.stringify({ model: names[model], prompt: 'x', stream }) }),
    models: names.length,
    kills: 12,
    seed: 1,
    clients: 8,
    pauseMs: 60,
  })
  expect(report).toMatchObject({ kills: 12, refused: {}, lost: 0, wrong: 0 })
  expect(report.answered).toBeGreaterThan(20)
})
