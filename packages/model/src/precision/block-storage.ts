import type { Blocks, GraphBuilder, Value } from '@weft/graph'
import { blocksOf as storedBlocks } from '../gguf/blocks-of.ts'
import { BLOCK, type BlockTarget, blockNames, blockSizes, readNumber } from './block-layout.ts'
import { type Quantizer, quantize4, quantize4Symmetric, quantize8, quantizeRows } from './quantize.ts'
import type { FrozenWeight, TensorArrays, WeightStorage } from './weight-storage.ts'

interface BlockOptions {
  bits: 4 | 8
  /** Whether a block has an offset; its middle is zero where not. */
  offset: boolean
  /** For a weight that the checkpoint does not store in such blocks. */
  quantize: Quantizer
}

/**
 * A weight in blocks of 32 numbers that share a scale, and an offset where they have one. Its product is
 *
 *   x·wᵀ = x·(scale·(q − middle))ᵀ + Σ over blocks of (sum of x within the block)·offset
 *
 * the first term by `matMulNBits`, the second exact in float32: 1/32 of the multiplications.
 */
const blockStorage = ({ bits, offset, quantize }: BlockOptions): WeightStorage => {
  const bytes = (BLOCK * bits) / 8
  const held = (g: GraphBuilder, weight: FrozenWeight): Blocks & { offsets?: Value } => {
    const { N, blocks } = blockSizes(weight)
    const names = blockNames(weight.name)
    return {
      bits,
      data: g.weight(names.data, [N, blocks, bytes], 'uint8'),
      scales: g.weight(names.scales, [N, blocks]),
      ...(offset && { offsets: g.weight(names.offsets, [N, blocks]) }),
    }
  }
  const gathered = (g: GraphBuilder, weight: FrozenWeight, ids: Value): Value => {
    const { N, K, blocks } = blockSizes(weight)
    const { data, offsets, ...rest } = held(g, weight)
    const rows = g.gatherBlockQuantized(ids, { ...rest, data: g.reshape(data, [N, blocks * bytes]) })
    const exact = offsets ? withOffsets(g, rows, g.gather(offsets, ids, 0)) : rows
    return K === blocks * BLOCK ? exact : g.slice(exact, { starts: [0], ends: [K], axes: [exact.shape.length - 1] })
  }
  const target = (weight: FrozenWeight, tensors: TensorArrays): BlockTarget => {
    const { N, blocks } = blockSizes(weight)
    const names = blockNames(weight.name)
    const [data, scales, offsets] = [tensors[names.data], tensors[names.scales], tensors[names.offsets]] as [Uint8Array, Float32Array, Float32Array?]
    return { bits, N, blocks, data, scales, offsets }
  }
  return {
    joins: true,
    tensors(weight) {
      const { N, blocks } = blockSizes(weight)
      const names = blockNames(weight.name)
      return {
        [names.data]: { dtype: 'uint8', shape: [N, blocks, bytes] },
        [names.scales]: { dtype: 'float32', shape: [N, blocks] },
        ...(offset && { [names.offsets]: { dtype: 'float32', shape: [N, blocks] } }),
      }
    },
    async fill(weight, source, into) {
      const stored = weight.transposed ? undefined : await source.stored?.(weight.name)
      const blocks = stored && storedBlocks(stored.type)
      if (blocks?.bits === bits && (offset || !blocks.offset)) blocks.write(stored!.bytes, target(weight, into))
      else quantizeRows(await source.read(weight.name), { K: blockSizes(weight).K, transposed: weight.transposed }, quantize, target(weight, into))
    },
    value(g, weight) {
      const { N } = blockSizes(weight)
      const every = g.constant(
        Int32Array.from({ length: N }, (_, n) => n),
        [N],
      )
      const rows = gathered(g, weight, every)
      return weight.transposed ? g.transpose(rows, [1, 0]) : rows
    },
    product(g, weight, x, bias) {
      const { offsets, ...blocks } = held(g, weight)
      const product = g.matMulNBits(x, blocks, bias)
      return offsets ? g.gemm(blockSums(g, x, blockSizes(weight)), offsets, { transB: true, c: product }) : product
    },
    gather: gathered,
    rows(weight, tensors) {
      const { K } = blockSizes(weight)
      const from = target(weight, tensors)
      return (row, into) => {
        for (let i = 0; i < K; i++) into[i] = readNumber(from, row, i)
      }
    },
  }
}

/** Rows `[…, 32·blocks]` with each block's offset `[…, blocks]` added. */
function withOffsets(g: GraphBuilder, rows: Value, offsets: Value): Value {
  const split = g.reshape(rows, [...offsets.shape, BLOCK])
  return g.reshape(g.add(split, g.reshape(offsets, [...offsets.shape, 1])), rows.shape)
}

/** The sum of every block of `x [M, K]`: `[M, blocks]`. Products of the same rows share it. */
function blockSums(g: GraphBuilder, x: Value, { K, blocks }: { K: number; blocks: number }): Value {
  const M = x.shape[0]
  const filled = K === blocks * BLOCK ? x : g.pad(x, { pads: [0, 0, 0, blocks * BLOCK - K] })
  return g.reduceSum(g.reshape(filled, [M, blocks, BLOCK]), { axes: [2], keepdims: false })
}

export const int8 = blockStorage({ bits: 8, offset: false, quantize: quantize8 })
export const int4 = blockStorage({ bits: 4, offset: true, quantize: quantize4 })
/** GGUF's Q4_0: its middle is zero. */
export const int4Symmetric = blockStorage({ bits: 4, offset: false, quantize: quantize4Symmetric })
