/** A span as W3C Trace Context names it over the wire, in `traceparent`. */
export interface TraceParent {
  /** 32 hexadecimal digits. */
  traceId: string
  /** 16 hexadecimal digits. */
  spanId: string
  /** 1: it is recorded. */
  traceFlags: number
}

export const traceHeader = 'traceparent'

/** What the header names; undefined where it is absent or malformed, which restarts the trace (W3C Trace Context, §3.2). */
export function parseTraceParent(header: string | null | undefined): TraceParent | undefined {
  const [, version, traceId, spanId, flags] = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/.exec(header?.trim() ?? '') ?? []
  if (!traceId || !spanId || version === 'ff' || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined
  return { traceId, spanId, traceFlags: Number.parseInt(flags!, 16) & 1 }
}

export const printTraceParent = ({ traceId, spanId, traceFlags }: TraceParent): string => `00-${traceId}-${spanId}-0${traceFlags & 1}`

/** Headers in which an edge tells its runner whose request it passes on; labels of the runner's metrics and logs, and whose share of its places it takes. */
export const labelHeaders = { tenant: 'x-weft-tenant-label', route: 'x-weft-route-label' } as const
