/** What the webgpu device does, as JSON for its test. */
import { openRuntime } from '../../src/index.ts'
import { cache, dense, noise, tower } from '../models.ts'

const ort = openRuntime()
const results: Record<string, unknown> = {}
const codeOf = async (act: () => unknown) => {
  try {
    await act()
    return 'nothing thrown'
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}

{
  // CPU tensors bound to a session on the device: written in place between runs, as on the CPU.
  using weights = ort.weights().set('w', ort.tensor('float32', [3, 2], [1, 2, 3, 4, 5, 6]))
  using session = ort.session(dense('from the session'), { device: 'webgpu', weights, disableCpuFallback: true })
  using x = ort.tensor('float32', [1, 3], [1, 1, 1])
  using y = ort.tensor('float32', [1, 2])
  using binding = session.bind({ inputs: { x }, outputs: { y } })
  await binding.run()
  results.first = [...y.data]
  x.data[0] = 2
  await binding.run()
  results.rewritten = [...y.data]
  using dx = session.deviceTensor('float32', [1, 3])
  await dx.write([1, 1, 1])
  results.device = dx.device
  results.copied = [...(await dx.read())]
  binding.set('x', dx)
  await binding.run()
  results.fromDevice = [...y.data]
  results.data = await codeOf(() => dx.data)
  results.view = await codeOf(() => dx.view(0, [3]))
  results.mismatch = await codeOf(() => dx.write([1]))
}

{
  // Output of one run, input of the next, without leaving the device: against the CPU.
  const [depth, size, rounds] = [3, 64, 4]
  const run = async (device: 'cpu' | 'webgpu') => {
    using weights = ort.weights()
    for (let i = 0; i < depth; i++)
      weights.set(
        `w${i}`,
        ort.tensor(
          'float32',
          [size, size],
          noise(size * size, i + 1).map((value) => value / 4),
        ),
      )
    using session = await ort.load(tower(depth, size), { device, weights, disableCpuFallback: device !== 'cpu' })
    using a = session.deviceTensor('float32', [2, size])
    using b = session.deviceTensor('float32', [2, size])
    await a.write(noise(2 * size, 9))
    using forth = session.bind({ inputs: { x: a }, outputs: { y: b } })
    using back = session.bind({ inputs: { x: b }, outputs: { y: a } })
    for (let round = 0; round < rounds; round++) await (round % 2 ? back : forth).run()
    return a.read()
  }
  const [cpu, gpu] = [await run('cpu'), await run('webgpu')]
  results.largest = Math.max(...cpu.map(Math.abs))
  results.difference = Math.max(...cpu.map((value, i) => Math.abs(value - gpu[i]!)))
}

{
  // Two sessions asked at once: one runs after the other. What cannot wait is refused. What is freed meanwhile is freed afterwards.
  using session = ort.session(dense(), { device: 'webgpu' })
  using other = ort.session(dense(), { device: 'webgpu' })
  const pairs = [session, other, session, other].map((on, i) => {
    const x = ort.tensor('float32', [1, 3], [i, i, i])
    const y = ort.tensor('float32', [1, 2])
    return { x, y, binding: on.bind({ inputs: { x }, outputs: { y } }) }
  })
  const spare = session.deviceTensor('float32', [4])
  const runs = pairs.map(({ binding }) => binding.run())
  spare.dispose()
  results.refused = [
    await codeOf(() => session.deviceTensor('float32', [4])),
    await codeOf(() => ort.session(dense(), { device: 'webgpu' })),
    await codeOf(() => pairs[0]!.binding.runSync()),
  ]
  await Promise.all(runs)
  await session.idle()
  results.concurrent = pairs.map(({ y }) => [...y.data])
  session.deviceTensor('float32', [4]).dispose()
  for (const pair of pairs) for (const one of Object.values(pair)) one.dispose()
}

{
  // A cache written in place on the device. Row numbers are int64, which webgpu leaves to the CPU.
  using session = ort.session(cache(), { device: 'webgpu' })
  using rows = session.deviceTensor('float32', [3, 4])
  await rows.write(new Float32Array(12))
  using row = ort.tensor('float32', [1, 4])
  using at = ort.tensor('int64', [1, 1])
  using binding = session.bind({ inputs: { past: rows, row, at }, outputs: { present: rows } })
  for (const i of [2, 0]) {
    at.data[0] = BigInt(i)
    row.data.fill(i + 1)
    await binding.run()
  }
  results.cache = [...(await rows.read())]
}

ort.dispose()
results.live = ort.live
console.log(JSON.stringify(results))
