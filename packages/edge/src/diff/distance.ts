import { toFloat32 } from '@weft/adapters'
import type { AdapterDiff } from '@weft/protocol'
import { type StoredAdapter, type TensorEntry, windowBytes } from './stored-adapter.ts'

type SiteDistance = AdapterDiff['sites'][number]
type Changed = AdapterDiff['changed'][number]

/** Bytes of one value, of the types that are compared as numbers. */
const itemBytes: Readonly<Record<string, number>> = { F32: 4, F16: 2, BF16: 2 }

interface Sums {
  tensors: number
  values: number
  /** ‖a‖², ‖b‖², a·b, ‖b−a‖² */
  aa: number
  bb: number
  ab: number
  dd: number
}

const sameShape = (a: TensorEntry, b: TensorEntry): boolean => a.shape.length === b.shape.length && a.shape.every((size, axis) => size === b.shape[axis])

/**
 * How far two adapters' tensors are apart, by site. Reads both files in windows, side by side, so that memory does not grow with them.
 * What is trained and not placed (`params.…`) is compared as a site of its own, `params`.
 */
export async function distances(from: StoredAdapter, to: StoredAdapter): Promise<{ sites: SiteDistance[]; changed: Changed[] }> {
  const bySite = new Map<string, Sums>()
  const changed: Changed[] = []
  const inOrder = [...from.entries].toSorted(([, a], [, b]) => a.start - b.start)
  for (const [tensor, a] of inOrder) {
    const b = to.entries.get(tensor)
    const numbers = itemBytes[a.dtype] !== undefined && b !== undefined && itemBytes[b.dtype] !== undefined
    if (!b || !sameShape(a, b) || (!numbers && !(await sameBytes(from, a, to, b)))) changed.push({ tensor, from: a.shape, to: b?.shape ?? null })
    else if (numbers) await add(sumsOf(tensor.split('.')[0]!), from, a, to, b)
  }
  for (const [tensor, { shape }] of to.entries) if (!from.entries.has(tensor)) changed.push({ tensor, from: null, to: shape })
  return { sites: [...bySite].map(([site, sums]) => siteDistance(site, sums)).toSorted((a, b) => (a.site < b.site ? -1 : 1)), changed }

  function sumsOf(site: string): Sums {
    const known = bySite.get(site) ?? { tensors: 0, values: 0, aa: 0, bb: 0, ab: 0, dd: 0 }
    bySite.set(site, known)
    return known
  }
}

function siteDistance(site: string, { tensors, values, aa, bb, ab, dd }: Sums): SiteDistance {
  const [fromNorm, toNorm, distance] = [Math.sqrt(aa), Math.sqrt(bb), Math.sqrt(dd)]
  return {
    site,
    tensors,
    values,
    fromNorm,
    toNorm,
    distance,
    relative: fromNorm === 0 ? null : distance / fromNorm,
    cosine: fromNorm === 0 || toNorm === 0 ? null : Math.max(-1, Math.min(1, ab / (fromNorm * toNorm))),
  }
}

async function add(sums: Sums, from: StoredAdapter, a: TensorEntry, to: StoredAdapter, b: TensorEntry): Promise<void> {
  const [sizeA, sizeB] = [itemBytes[a.dtype]!, itemBytes[b.dtype]!]
  const count = (a.end - a.start) / sizeA
  const step = Math.floor(windowBytes / 4 / 4)
  for (let at = 0; at < count; at += step) {
    const end = Math.min(count, at + step)
    const [x, y] = [await floats(from, a, sizeA, at, end), await floats(to, b, sizeB, at, end)]
    // In float64, one value after the other: the sum of squares of float32 values does not overflow.
    for (let i = 0; i < x.length; i++) {
      const [p, q] = [x[i]!, y[i]!]
      sums.aa += p * p
      sums.bb += q * q
      sums.ab += p * q
      sums.dd += (q - p) * (q - p)
    }
  }
  sums.tensors++
  sums.values += count
}

async function floats(file: StoredAdapter, { dtype, shape, start }: TensorEntry, size: number, at: number, end: number): Promise<Float32Array> {
  const bytes = await file.read(start + at * size, start + end * size)
  return toFloat32({ dtype: dtype as Parameters<typeof toFloat32>[0]['dtype'], shape, bytes })
}

async function sameBytes(from: StoredAdapter, a: TensorEntry, to: StoredAdapter, b: TensorEntry): Promise<boolean> {
  if (a.dtype !== b.dtype || a.end - a.start !== b.end - b.start) return false
  for (let at = 0; at < a.end - a.start; at += windowBytes) {
    const length = Math.min(windowBytes, a.end - a.start - at)
    const [x, y] = [await from.read(a.start + at, a.start + at + length), await to.read(b.start + at, b.start + at + length)]
    if (x.some((byte, i) => byte !== y[i])) return false
  }
  return true
}
