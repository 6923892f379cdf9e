/** Ends, with code 7, while the device works. */
import { openRuntime } from '../../src/index.ts'
import { noise, tower } from '../models.ts'

const [depth, size] = [4, 64]
const ort = openRuntime()
const weights = ort.weights()
for (let i = 0; i < depth; i++) weights.set(`w${i}`, ort.tensor('float32', [size, size], noise(size * size, i + 1)))
const session = ort.session(tower(depth, size), { device: process.env.DEVICE as 'webgpu', weights })
const binding = session.bind({ inputs: { x: ort.tensor('float32', [size, size]) }, outputs: { y: ort.tensor('float32', [size, size]) } })
await binding.run()
void binding.run()
setImmediate(() => {
  console.log('{}')
  process.exit(7)
})
