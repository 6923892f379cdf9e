import type { Api, Out, Pointer } from './api.ts'
import type { Library } from './library.ts'
import type { Handle, Ledger } from './lifetime.ts'

/** What every object of one runtime shares. */
export interface Native {
  readonly library: Library
  readonly api: Api
  readonly ledger: Ledger
  readonly env: Handle
  /** OrtMemoryInfo of plain CPU memory. Lives as long as `env`. */
  readonly cpu: Pointer
  /** The default allocator: it owns the strings that ONNX Runtime hands out. Never freed. */
  readonly strings: Pointer
}

/** Calls a function whose last parameter is where it writes a pointer. */
export function receive(call: (out: Out<Pointer>) => void): Pointer {
  const out: Out<Pointer> = [null]
  call(out)
  return out[0]!
}

export function receiveNumber(call: (out: Out<number>) => void): number {
  const out: Out<number> = [0]
  call(out)
  return Number(out[0])
}
