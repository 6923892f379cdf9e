import type { Tensor } from '../../tensor.ts'

/** Bytes of a token's number, little-endian. */
const BYTES = 4
/** Where a sequence is shorter than the longest beside it. */
const NONE = 0xffffffff

/** Token sequences as a site's tensor, `[I,N,4]` uint8: numbers in bytes, since no precision may round them. */
export function invocationsTensor(invocations: readonly (readonly number[])[]): Tensor {
  const N = Math.max(...invocations.map(({ length }) => length))
  const ids = Uint32Array.from(invocations.flatMap((tokens) => Array.from({ length: N }, (_, n) => tokens[n] ?? NONE)))
  const data = new Uint8Array(ids.length * BYTES)
  const view = new DataView(data.buffer)
  for (const [i, id] of ids.entries()) view.setUint32(i * BYTES, id, true)
  return { shape: [invocations.length, N, BYTES], data }
}

/** The same back. */
export function invocationsOf({ shape: [I, N], data }: Tensor): number[][] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  return Array.from({ length: I }, (_, i) => {
    const ids = Array.from({ length: N }, (__, n) => view.getUint32((i * N + n) * BYTES, true))
    const end = ids.indexOf(NONE)
    return end < 0 ? ids : ids.slice(0, end)
  })
}

/** Where each sequence occurs last among the tokens; null where it does not. It counts from its own first token on, as PEFT counts. */
export const invocationStarts = (tokens: ArrayLike<number>, invocations: readonly (readonly number[])[]): (number | null)[] =>
  invocations.map((invocation) => {
    for (let at = tokens.length - invocation.length; at >= 0; at--) if (invocation.every((id, n) => tokens[at + n] === id)) return at
    return null
  })

/** A row of a batch: its tokens, and the column of the first. */
export interface GatedRow {
  tokens: ArrayLike<number>
  first: number
}

/** `[B,T,I]`: 1 in the columns from where a row's tokens hold a sequence last, 0 before, and everywhere in a row that does not hold it. */
export function tokenGate(
  rows: readonly GatedRow[],
  T: number,
  invocations: readonly (readonly number[])[],
  into: Float32Array = new Float32Array(rows.length * T * invocations.length),
): Float32Array {
  const I = invocations.length
  into.fill(0)
  for (const [b, { tokens, first }] of rows.entries())
    for (const [i, start] of invocationStarts(tokens, invocations).entries())
      if (start !== null) for (let t = first + start; t < T; t++) into[(b * T + t) * I + i] = 1
  return into
}
