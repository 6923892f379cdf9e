import { fromNumbers, GraphBuilder, type TypedArray } from '@weft/graph'
import { sessionsOn } from '@weft/inference/load-graph'
import type { ComputePrecision } from '@weft/model'
import { encodeModel } from '@weft/onnx'
import type { Runtime, SessionOptions } from '@weft/ort'

export interface MatMulPeak extends Disposable {
  /** FLOP/s of the best product so far; measures `times` more. */
  measure(times: number): Promise<number>
  /** FLOP per second of CPU time, all threads together, of the cheapest product so far. */
  readonly perCpuSecond: number
}

/** The machine's matrix-multiply peak: one square product on the device, nothing else, with the session options of what it is compared to. */
export const matMulPeak = async (
  runtime: Runtime,
  options: SessionOptions,
  { size = 2048, dtype = 'float32' }: { size?: number; dtype?: ComputePrecision } = {},
): Promise<MatMulPeak> => {
  const g = new GraphBuilder('peak')
  g.output('c', g.gemm(g.input('a', dtype, [size, size]), g.input('b', dtype, [size, size])))
  const session = await runtime.load(encodeModel(g.build()), { ...(options.device && sessionsOn(options.device)), ...options })
  const some = fromNumbers(
    dtype,
    Float32Array.from({ length: size }, (_, i) => Math.sin(i)),
  )
  const numbers = new (some.constructor as new (length: number) => TypedArray)(size * size)
  for (let row = 0; row < size; row++) numbers.set(some as never, row * size)
  const filled = async () => {
    const tensor = session.deviceTensor(dtype, [size, size])
    await tensor.write(numbers as never)
    return tensor
  }
  const [a, b, c] = [await filled(), await filled(), session.deviceTensor(dtype, [size, size])]
  const binding = session.bind({ inputs: { a, b }, outputs: { c } })
  let best = 0
  let bestCpu = 0
  const flops = 2 * size ** 3
  return {
    async measure(times) {
      for (let i = 0; i < times; i++) {
        const start = performance.now()
        const cpu = process.cpuUsage()
        await binding.run()
        best = Math.max(best, flops / ((performance.now() - start) / 1000))
        const { user, system } = process.cpuUsage(cpu)
        bestCpu = Math.max(bestCpu, flops / ((user + system) / 1e6))
      }
      return best
    },
    get perCpuSecond() {
      return bestCpu
    },
    [Symbol.dispose]() {
      for (const owned of [binding, a, b, c, session]) owned.dispose()
    },
  }
}
