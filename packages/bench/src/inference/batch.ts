import type { Asked, Engine } from '@weft/inference/engine'
import { median } from '../statistics.ts'

/** Median CPU time of a step in which all rows decode, of each kind of batch, in turn. */
export async function timedBatch(
  engine: Engine,
  kinds: { base: Asked[]; same: Asked[]; different: Asked[] },
  prompt: number[],
  { tokens, rounds }: { tokens: number; rounds: number },
) {
  const step = async (rows: Asked[]) => {
    let running = 0,
      steps = 0
    let last = process.cpuUsage()
    const times: number[] = []
    await Promise.all(
      rows.map(async (asked, row) => {
        let started = false
        for await (const event of await engine.generate(asked, { prompt: { tokens: prompt }, maxTokens: tokens, temperature: 0, topP: 1, topK: 0, stop: [] })) {
          if (!('token' in event)) running = -Infinity
          else if (!started) (started = true), running++
          if (row > 0) continue
          // The first row speaks once a step; those between which another came or left do not count.
          const { user, system } = process.cpuUsage(last)
          last = process.cpuUsage()
          if (running === rows.length && steps++ > 0) times.push((user + system) / 1000)
        }
      }),
    )
    return median(times)
  }
  const found: Record<keyof typeof kinds, number[]> = { base: [], same: [], different: [] }
  for (const rows of Object.values(kinds)) await step(rows) // sessions are made
  for (let round = 0; round < rounds; round++)
    for (const [kind, rows] of Object.entries(kinds) as [keyof typeof kinds, Asked[]][]) found[kind].push(await step(rows))
  return { base: median(found.base), same: median(found.same), different: median(found.different) }
}
