/** Many small runs while the collector runs every few milliseconds and garbage is made meanwhile. Prints what went wrong. */
import { openRuntime } from '../../src/index.ts'
import { cache, dense } from '../models.ts'

const ort = openRuntime()
const session = ort.session(dense())
const inPlace = ort.session(cache())
let collections = 0
const collector = setInterval(() => {
  globalThis.gc!()
  collections++
}, 3)
let wrong = 0
let runs = 0
let garbage: unknown[] = []
while (collections < 100 || runs < 200) {
  // Tensors of a few bytes, most of them reachable only through the binding.
  const n = runs % 7
  const y = ort.tensor('float32', [1, 2])
  const binding = session.bind({ inputs: { x: ort.tensor('float32', [1, 3], [n, n, n]) }, outputs: { y } })
  const rows = ort.tensor('float32', [3, 4])
  const write = inPlace.bind({
    inputs: { past: rows.view(0, [3, 4]), row: ort.tensor('float32', [1, 4]).reshape([1, 4]), at: ort.tensor('int64', [1, 1], [BigInt(n % 3)]) },
    outputs: { present: rows },
  })
  rows.data.fill(5)
  garbage = Array.from({ length: 200 }, (_, i) => new Float32Array(4).fill(i))
  await Promise.all([binding.run(), write.run()])
  if (y.data[0] !== 10 + 9 * n || y.data[1] !== 20 + 12 * n) wrong++
  if (rows.data.some((value, i) => value !== (Math.floor(i / 4) === n % 3 ? 0 : 5))) wrong++
  binding.dispose()
  write.dispose()
  rows.dispose()
  y.dispose()
  runs++
}
clearInterval(collector)
console.log(JSON.stringify({ wrong, runs, collections, garbage: garbage.length, leaked: ort.leaked }))
