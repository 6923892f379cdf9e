/** 10,000 rounds of make, bind, run, dispose. Prints how resident memory moves after a warm-up and what is left alive. */
import { openRuntime } from '../../src/index.ts'
import { cache, dense } from '../models.ts'
import { resident } from './resident.ts'

const ort = openRuntime()
const session = ort.session(dense())
const inPlace = ort.session(cache())
const x = ort.tensor('float32', [1, 3], [1, 1, 1])
const y = ort.tensor('float32', [1, 2])
const kept = session.bind({ inputs: { x }, outputs: { y } })

async function rounds(count: number) {
  for (let i = 0; i < count; i++) {
    using big = ort.tensor('float32', [64, 4])
    using view = big.view(32, [8, 4])
    using row = ort.tensor('float32', [1, 4], [1, 2, 3, 4])
    using at = ort.tensor('int64', [1, 1], [BigInt(i % 8)])
    using binding = inPlace.bind({ inputs: { past: view, row, at }, outputs: { present: view } })
    binding.runSync()
    if (i % 10 === 0) await binding.run()
    kept.set('x', x).runSync()
    if (i % 100 === 0)
      try {
        kept.set('x', row)
      } catch {
        /* wrong shape: the refusal must not keep anything either */
      }
  }
  globalThis.gc!()
}

await rounds(2_000)
const before = resident()
await rounds(5_000)
const middle = resident()
await rounds(5_000)
const after = resident()
for (const one of [kept, x, y, session, inPlace, ort]) one.dispose()
console.log(JSON.stringify({ growth: [middle - before, after - middle], live: ort.live, leaked: ort.leaked }))
