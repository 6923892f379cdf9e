import { Forward } from '@weft/inference/decoder/forward'
import type { Device } from '@weft/inference/device'
import { ModelSessions } from '@weft/inference/model-sessions'
import { emptySequence } from '@weft/inference/sequence'
import type { LoadedModel } from '@weft/model'
import type { Runtime } from '@weft/ort'
import { round } from '../statistics.ts'

export interface DecodeProfileOptions {
  runtime: Runtime
  device: Device
  threads: number
  /** Rows of a step. */
  rows: number
  /** Of each row, filled before the step. */
  slots: number
  steps: number
}

/** One decode step, as ONNX Runtime records it: by the clock, kernels alone. Times are means over the steps. */
export interface DecodeProfile {
  slots: number
  /** Of all kernels. */
  microseconds: number
  /** Largest first. */
  ops: { op: string; nodes: number; microseconds: number }[]
}

/** Steps of a model's own session over a cache of which nobody asks what it holds. Recording takes time itself: shares are telling, sums are not. */
export async function decodeProfile(model: LoadedModel, { runtime, device, threads, rows, slots, steps }: DecodeProfileOptions): Promise<DecodeProfile> {
  const sessions = await ModelSessions.open({ runtime, model, device, threads, profile: true })
  const forward = await Forward.open(sessions)
  try {
    await forward.cache.reserve(rows, slots + steps, [])
    const batch = Array.from({ length: rows }, () => ({ token: 0, sequence: { ...emptySequence(), slots, position: slots } }))
    for (let step = 0; step < steps; step++) await forward.decode(batch, () => {})
    const { runs, microseconds, ops } = (await sessions.session('lastLogits', false)).readProfile()
    return {
      slots,
      microseconds: round(microseconds / runs, 0),
      ops: ops.map(({ op, calls, microseconds }) => ({ op, nodes: round(calls / runs, 0), microseconds: round(microseconds / runs, 0) })),
    }
  } finally {
    forward[Symbol.dispose]()
    await sessions.close()
  }
}
