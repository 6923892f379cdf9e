import { type EvaluateGate, type Gate, type GateCheck, isWeftError, type PublishConfig, publishRules } from '@weft/protocol'
import { adapterId } from '../adapters/adapter-object.ts'
import { usageOf } from '../asking/usage-of.ts'
import { clientLeft } from '../errors.ts'
import { passes } from '../passes.ts'
import type { Caller } from '../runner/caller.ts'
import { type Cost, Meter } from '../runner/meter.ts'
import type { AdapterVersion } from '../stores/adapter-names.ts'
import type { TenantStores } from '../stores/tenant-stores.ts'
import type { RecordUsage } from '../usage/usage-recorder.ts'
import { adapterTooLarge, gateTooLong } from './errors.ts'
import { type Evaluator, evaluate, firstRows } from './evaluate.ts'

const usualRows = 200
/** What rounding makes of the difference of two means: one that is worse by the tolerance itself is taken. */
const rounding = 1e-12

/** What stands between a publication and its bare name. */
export interface PublishGate {
  /** Error 413 `adapter_too_large`. */
  checkSize(name: string, bytes: number): void
  /** Whether a version of this name is a candidate first. */
  measures(name: string): boolean
  /**
   * Measures a candidate: one that passes is what its bare name stands for from then on; one that does not stays, under its version. Any other
   * version is given back as it is. @throws what passes by itself (503, …) when `waits`, so that it is tried again; otherwise, and where its time is over, it stays pending
   */
  run(stores: TenantStores, adapter: AdapterVersion, caller: Caller, options?: { waits?: boolean }): Promise<AdapterVersion>
}

/** @param needs.recordUsage what measuring did cost is work for the tenant whose adapter it is, and is in its usage. It takes nothing of its limits: the operator wants it */
export const publishGate = (config: PublishConfig | undefined, { recordUsage, ...evaluator }: Evaluator & { recordUsage: RecordUsage }): PublishGate => {
  const gatesOf = (name: string): EvaluateGate[] => publishRules(config, name).flatMap(({ evaluate }) => evaluate ?? [])

  async function check(stores: TenantStores, adapter: AdapterVersion, previous: AdapterVersion | undefined, gate: EvaluateGate, caller: Caller) {
    const { file, metric, rows: most = usualRows } = gate
    const rows = await firstRows(stores, file, most)
    const measure = (of: AdapterVersion) => evaluate(evaluator, stores, adapterId(of), { metric, rows }, caller)
    const value = await measure(adapter)
    const before = gate.notWorseThan && previous ? { id: adapterId(previous), value: await measure(previous) } : undefined
    return { metric, file, rows: rows.length, value, ...judge(gate, value, before) }
  }

  /** A measurement stands, whether or not what it did cost could be noted. */
  const noted = (tenant: string, cost: Cost, failure: unknown): Promise<void> =>
    recordUsage(tenant, ...usageOf(undefined, cost, failure, 'gate')).catch((error: unknown) => console.error('usage of a publish gate:', error))

  return {
    checkSize(name, bytes) {
      const limit = Math.min(...publishRules(config, name).map(({ maxBytes = Number.POSITIVE_INFINITY }) => maxBytes))
      if (bytes > limit) throw adapterTooLarge(name, bytes, limit)
    },
    measures: (name) => gatesOf(name).length > 0,
    async run(stores, adapter, waiting, { waits = false } = {}) {
      if (!adapter.candidate) return adapter
      const { names } = stores
      const meter = new Meter()
      const caller = { ...waiting, meter }
      const previous = await names.find(adapter.name)
      const checks: GateCheck[] = []
      let pending = false
      let failure: unknown
      try {
        for (const gate of gatesOf(adapter.name))
          try {
            checks.push(await check(stores, adapter, previous, gate, caller))
          } catch (error) {
            // Who has left is no failure of anybody's. What is stored is stored, and told to whoever asks for it again.
            const hasLeft = !waits && waiting.signal.aborted && !isWeftError(error)
            // Who waits for a runner has a time for measuring all the same: what was over once would be over again.
            const isOver = waits && (isWeftError(error) ? passes(error) && Date.now() >= waiting.until : waiting.signal.aborted)
            const cause = hasLeft ? clientLeft() : isOver ? gateTooLong() : error
            if (!hasLeft) failure = error
            if (!isWeftError(cause)) throw cause
            // What is full now is free later.
            const isPending = hasLeft || isOver || cause.status === 429 || passes(cause)
            if (isPending && waits && !isOver) throw cause
            pending ||= isPending
            const { file, metric } = gate
            checks.push({ metric, file, rows: 0, value: null, bound: boundsOf(gate).join(', '), passed: false, reason: `${cause.code}: ${cause.message}` })
          }
      } finally {
        meter.stop()
        await noted(stores.tenant, await meter.ended, failure)
      }
      const status: Gate['status'] = pending ? 'pending' : checks.every(({ passed }) => passed) ? 'passed' : 'failed'
      const { name, version } = adapter
      // Where another measurement has settled it meanwhile, it is what that one found.
      return (await names.settle(name, version, { status, checks })) ?? (await names.find(name, version)) ?? adapter
    },
  }
}

const boundsOf = ({ atLeast, atMost, notWorseThan }: EvaluateGate, before?: { id: string; value: number }): string[] => [
  ...(atLeast === undefined ? [] : [`at least ${atLeast}`]),
  ...(atMost === undefined ? [] : [`at most ${atMost}`]),
  ...(notWorseThan === undefined ? [] : [before ? `not worse than ${before.id} (${Number(before.value.toPrecision(4))})` : 'not worse than the previous']),
]

function judge(gate: EvaluateGate, value: number, before: { id: string; value: number } | undefined): { bound: string; passed: boolean } {
  const { metric, atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY, tolerance = 0 } = gate
  const worse = before === undefined ? 0 : metric === 'accuracy' ? before.value - value : value - before.value
  return { bound: boundsOf(gate, before).join(', '), passed: value >= atLeast && value <= atMost && worse <= tolerance + rounding }
}
