import { ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api'
import type { Caller } from '../runner/caller.ts'

const tracer = trace.getTracer('weft.edge')

/** Does some of a caller's work in a span of its own, beneath theirs. Where no SDK records spans, the work alone is done. */
export async function spanned<T, C extends Caller | undefined>(name: string, caller: C, work: (traced: C) => Promise<T>): Promise<T> {
  const above = caller?.trace ? trace.setSpanContext(ROOT_CONTEXT, { ...caller.trace, isRemote: true }) : ROOT_CONTEXT
  const span: Span = tracer.startSpan(name, {}, above)
  const { traceId, spanId, traceFlags } = span.spanContext()
  try {
    return await work(caller && span.isRecording() ? { ...caller, trace: { traceId, spanId, traceFlags } } : caller)
  } finally {
    span.end()
  }
}
