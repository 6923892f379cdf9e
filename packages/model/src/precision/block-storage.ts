import type { Blocks, GraphBuilder, TypedArray, Value } from '@weft/graph'
import { BLOCK, type Quantizer, quantize4, quantize8 } from './quantize.ts'
import type { FrozenWeight, TensorArrays, WeightStorage } from './weight-storage.ts'

/** The names of the tensors that hold a weight in blocks. */
const named = (name: string) => ({ data: `${name}.blocks`, scales: `${name}.scales`, zeroPoints: `${name}.zero_points` })

/** A weight as the matrix `[N, K]` that a product multiplies by: `[out, in]`, however it is stored. */
const sizes = ({ shape: [rows, columns], transposed }: FrozenWeight): { N: number; K: number; blocks: number } => {
  const [N, K] = transposed ? [columns, rows] : [rows, columns]
  return { N, K, blocks: Math.ceil(K / BLOCK) }
}

interface BlockOptions {
  bits: 4 | 8
  /** Whether a block has a zero point; the middle of the range is zero where not. */
  zeroPoints: boolean
  quantize: Quantizer
}

/** A weight in blocks of 32 numbers with a scale, quantized as it is read. */
const blockStorage = ({ bits, zeroPoints, quantize }: BlockOptions): WeightStorage => {
  const perByte = 8 / bits
  const blocksOf = (g: GraphBuilder, weight: FrozenWeight, joined: boolean): Blocks => {
    const { N, blocks } = sizes(weight)
    const { data, scales, zeroPoints: zeros } = named(weight.name)
    const bytes = BLOCK / perByte
    const held = g.weight(data, [N, blocks, bytes], 'uint8')
    return {
      bits,
      data: joined ? g.reshape(held, [N, blocks * bytes]) : held,
      scales: g.weight(scales, [N, blocks]),
      ...(zeroPoints && { zeroPoints: g.weight(zeros, [N, Math.ceil(blocks / perByte)], 'uint8') }),
    }
  }
  const gathered = (g: GraphBuilder, weight: FrozenWeight, ids: Value): Value => {
    const { K, blocks } = sizes(weight)
    const rows = g.gatherBlockQuantized(ids, blocksOf(g, weight, true))
    return K === blocks * BLOCK ? rows : g.slice(rows, { starts: [0], ends: [K], axes: [rows.shape.length - 1] })
  }
  return {
    tensors(weight) {
      const { N, blocks } = sizes(weight)
      const { data, scales, zeroPoints: zeros } = named(weight.name)
      return {
        [data]: { dtype: 'uint8', shape: [N, blocks, BLOCK / perByte] },
        [scales]: { dtype: 'float32', shape: [N, blocks] },
        ...(zeroPoints && { [zeros]: { dtype: 'uint8', shape: [N, Math.ceil(blocks / perByte)] } }),
      }
    },
    async fill(weight, source, into) {
      quantizeRows(weight, await source.read(weight.name), into, { bits, quantize, zeroPoints })
    },
    value(g, weight) {
      const { N } = sizes(weight)
      const every = g.constant(
        Int32Array.from({ length: N }, (_, n) => n),
        [N],
      )
      const rows = gathered(g, weight, every)
      return weight.transposed ? g.transpose(rows, [1, 0]) : rows
    },
    product: (g, weight, x, bias) => g.matMulNBits(x, blocksOf(g, weight, false), bias),
    gather: gathered,
    rows(weight, tensors) {
      const { K, blocks } = sizes(weight)
      const { data, scales, zeroPoints: zeros } = named(weight.name)
      const [quanta, scale, zero] = [tensors[data], tensors[scales] as Float32Array, tensors[zeros] as TypedArray | undefined] as [
        Uint8Array,
        Float32Array,
        Uint8Array | undefined,
      ]
      return (row, into) => {
        for (let i = 0; i < K; i++) {
          const block = row * blocks + Math.floor(i / BLOCK)
          const at = zero ? nibbleOrByte(zero, row * Math.ceil(blocks / perByte), block - row * blocks, bits) : 2 ** (bits - 1)
          into[i] = scale[block] * (nibbleOrByte(quanta, (row * blocks * BLOCK) / perByte, i, bits) - at)
        }
      }
    },
  }
}

const nibbleOrByte = (bytes: Uint8Array, from: number, i: number, bits: number): number =>
  bits === 8 ? bytes[from + i] : (bytes[from + (i >> 1)] >> ((i & 1) * 4)) & 15

function quantizeRows(weight: FrozenWeight, values: Float32Array, into: TensorArrays, { bits, quantize, zeroPoints }: BlockOptions): void {
  const { N, K, blocks } = sizes(weight)
  const { data, scales, zeroPoints: zeros } = named(weight.name)
  const [packed, scaleOf, zeroOf] = [into[data] as Uint8Array, into[scales] as Float32Array, into[zeros] as Uint8Array | undefined]
  const quanta = new Uint8Array(blocks * BLOCK)
  const [rowStep, step] = weight.transposed ? [1, N] : [K, 1]
  const pack = (from: Uint8Array, count: number, to: Uint8Array, at: number): void => {
    if (bits === 8) to.set(from.subarray(0, count), at)
    else for (let i = 0; i < count; i += 2) to[at + i / 2] = from[i] | ((i + 1 < count ? from[i + 1] : 0) << 4)
  }
  const zeroRow = new Uint8Array(blocks)
  const numbers = new Float32Array(BLOCK)
  for (let n = 0; n < N; n++) {
    for (let block = 0; block < blocks; block++) {
      const first = n * rowStep + block * BLOCK * step
      const count = Math.min(BLOCK, K - block * BLOCK)
      for (let i = 0; i < count; i++) numbers[i] = values[first + i * step]
      numbers.fill(0, count)
      const { scale, zero } = quantize(numbers, quanta.subarray(block * BLOCK, (block + 1) * BLOCK))
      scaleOf[n * blocks + block] = scale
      zeroRow[block] = zero
    }
    pack(quanta, quanta.length, packed, (n * blocks * BLOCK * bits) / 8)
    if (zeroPoints && zeroOf) pack(zeroRow, blocks, zeroOf, n * Math.ceil((blocks * bits) / 8))
  }
}

export const int8 = blockStorage({ bits: 8, zeroPoints: false, quantize: quantize8 })
export const int4 = blockStorage({ bits: 4, zeroPoints: true, quantize: quantize4 })
