/** Drops objects without disposing of them and waits for the collector to find them. */
import { openRuntime } from '../../src/index.ts'
import { dense } from '../models.ts'

const kinds: string[] = []
const ort = openRuntime({ onLeak: (kind) => kinds.push(kind) })
function drop() {
  const session = ort.session(dense())
  const x = ort.tensor('float32', [1, 3], [1, 1, 1])
  session.bind({ inputs: { x }, outputs: { y: ort.tensor('float32', [1, 2]) } }).runSync()
}
drop()
for (let i = 0; i < 200 && Object.keys(ort.live).length > 1; i++) {
  globalThis.gc!()
  await new Promise((resolve) => setTimeout(resolve, 5))
}
console.log(JSON.stringify({ kinds: kinds.sort(), leaked: ort.leaked, live: ort.live }))
