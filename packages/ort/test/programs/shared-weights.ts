/** Resident memory, in MB, after each of three sessions over one store of weights (`mapped`: of mapped tensors), or each with a store of its own. */
import { openRuntime } from '../../src/index.ts'
import { noise, tower } from '../models.ts'
import { resident } from './resident.ts'

const [depth, size] = [8, 1024]
const { STORE } = process.env
const ort = openRuntime()
const model = tower(depth, size)
const fill = () => {
  const weights = ort.weights()
  for (let i = 0; i < depth; i++) {
    const weight = STORE === 'mapped' ? ort.mappedTensor('float32', [size, size]) : ort.tensor('float32', [size, size])
    // Different contents: equal weights would be shared in any case.
    for (let row = 0; row < size; row++) weight.data.set(row === 0 ? noise(size, i + 1) : weight.data.subarray(0, size), row * size)
    weights.set(`w${i}`, weight)
  }
  globalThis.gc!()
  return weights
}
const x = ort.tensor('float32', [1, size], noise(size))
// A run before anything is measured: the library's own pages, ten megabytes and now and then more, are no weights.
{
  using weights = ort.weights().set('w0', ort.tensor('float32', [size, size], noise(size * size)))
  using session = ort.session(tower(1, size), { weights, threads: 1 })
  using y = ort.tensor('float32', [1, size])
  using binding = session.bind({ inputs: { x }, outputs: { y } })
  binding.runSync()
}
globalThis.gc!()
const outputs: Float32Array[] = []
const used = [resident()]
let weights = fill()
for (let i = 0; i < 3; i++) {
  if (i > 0 && STORE === 'apart') weights = fill()
  const session = ort.session(model, { weights, threads: 1 })
  const y = ort.tensor('float32', [1, size])
  session.bind({ inputs: { x }, outputs: { y } }).runSync()
  outputs.push(y.data)
  globalThis.gc!()
  used.push(resident())
}
console.log(
  JSON.stringify({ weights: (depth * size * size * 4) / 2 ** 20, used, same: outputs.every((one) => one.every((value, i) => value === outputs[0]![i])) }),
)
