import { AttentionInputs } from '@weft/model'
import type { Device, Runtime, Weights } from '@weft/ort'
import { AdamW, GraphEngine, type TokenBatch, type TokenRow, tokenBatch } from '@weft/training'
import type { GoldenCase, Tensors } from './case.ts'
import { maxDifference, relativeDifference } from './compare.ts'
import { answerDifference, encoderDecoderBatch, greedyAnswerEqual } from './encoder-decoder.ts'
import { endTokens, greedyToken } from './greedy.ts'
import type { PreparedCase } from './prepare.ts'
import { withTaskIds } from './task-ids.ts'

/** How far our numbers are from PEFT's. */
export interface Differences {
  /** Largest |Δ| of a logit at any position that is no padding. */
  logits: number
  /** |Δ| of the loss. */
  loss: number
  /** Largest |Δ| of a gradient, relative to its tensor's largest magnitude. */
  gradient: number
  /** Largest |Δ| of the losses before each AdamW step, every gradient our own. */
  adamw: number
  /**
   * The same with PEFT's gradient in the first step. It decides nothing: it tells a wrong optimizer from rounding. That step moves
   * every element by lr · sign(g), so an element whose gradient is rounding noise goes either way, and the trace with it.
   */
  adamwFromPeft: number
  /** Largest |Δ| of a parameter after the last step. */
  final: number
  /** Whether greedy generation gives the same tokens; absent for classifiers. */
  greedy?: boolean
}

export const runCase = async (golden: GoldenCase, prepared: PreparedCase, runtime: Runtime, weights: Weights, device: Device = 'cpu'): Promise<Differences> => {
  const { expected } = golden
  const { batch, padding, padTokenId } = batchOf(expected, prepared)
  using engine = engineOf(prepared, runtime, weights, { padding, padTokenId }, device)

  const logits = await logitsDifference(engine, batch, golden, prepared, padding)
  const lossValue = await engine.gradients(batch, 1 / batch.weight)
  const loss = Math.abs(lossValue - expected.floats('loss')[0])
  const gradient = Math.max(...engine.parameters.map((p) => relativeDifference(p.gradient, expected.floats(`grad.${prepared.peftNames[p.name]}`))))
  const greedy = golden.greedy && (await greedyOf(golden.greedy, prepared, runtime, weights, device))

  const fromPeft = await adamwTrace(engine, batch, golden, (name) => expected.floats(`grad.${prepared.peftNames[name]}`))
  for (const p of engine.parameters) p.data.set(prepared.values[p.name])
  const own = await adamwTrace(engine, batch, golden)
  const adamw = maxDifference(own, expected.floats('adamw_loss'))
  const adamwFromPeft = maxDifference(fromPeft, expected.floats('adamw_loss'))
  const final = Math.max(...engine.parameters.map((p) => maxDifference(p.data, expected.floats(`final.${prepared.peftNames[p.name]}`))))
  return { logits, loss, gradient, adamw, adamwFromPeft, final, ...(greedy !== undefined && { greedy }) }
}

/** Losses before each step; `first` replaces the gradients of the first one. */
const adamwTrace = async (
  engine: GraphEngine,
  batch: TokenBatch,
  { description: { optimizer: o } }: GoldenCase,
  first?: (parameter: string) => Float32Array,
): Promise<number[]> => {
  const optimizer = new AdamW(engine.parameters, { betas: o.betas, eps: o.eps, weightDecay: o.weight_decay })
  const trace: number[] = []
  for (let step = 0; step < o.steps; step++) {
    trace.push(await engine.gradients(batch, 1 / batch.weight))
    if (step === 0 && first) for (const p of engine.parameters) p.gradient.set(first(p.name))
    await optimizer.step(o.lr)
  }
  return trace
}

// PEFT counts positions by column, padding included.
const engineOf = (
  { program, values, model }: PreparedCase,
  runtime: Runtime,
  weights: Weights,
  layout: { padding: 'left' | 'right'; padTokenId: number },
  device: Device,
): GraphEngine =>
  new GraphEngine({
    program,
    runtime,
    weights,
    values,
    device,
    attention: new AttentionInputs(model),
    layout: { ...layout, positions: 'columns' },
  })

/** The case's batch without its padding, the side it was on, and what it was made of. */
const batchOf = (expected: Tensors, { program, placement, model }: PreparedCase): { batch: TokenBatch; padding: 'left' | 'right'; padTokenId: number } => {
  if (model.spec.encoderDecoder) return { batch: encoderDecoderBatch(expected), padding: 'right', padTokenId: 0 }
  const [B, T] = expected.shape('input_ids')
  const ids = expected.integers('input_ids')
  const mask = expected.integers('attention_mask')
  const labels = expected.integers('labels')
  const padding = Array.from({ length: B }, (_, b) => b).some((b) => mask[b * T] === 0) ? 'left' : 'right'
  const rows = withTaskIds(
    expected,
    Array.from({ length: B }, (_, b): TokenRow => {
      const real = Array.from({ length: T }, (__, t) => b * T + t).filter((i) => mask[i] === 1)
      const tokens = Uint32Array.from(real, (i) => ids[i])
      if (program.task === 'SEQ_CLS') return { tokens, weights: new Float32Array(0), label: labels[b], rowWeight: 1 }
      const weights = Float32Array.from(real, (i) => (labels[i] === -100 ? 0 : 1))
      if (program.task === 'TOKEN_CLS') return { tokens, weights, classes: Int32Array.from(real, (i) => labels[i]), rowWeight: 1 }
      if (placement.rows === 0 && real[0] === b * T) weights[0] = 0
      return { tokens, weights, rowWeight: 1 }
    }),
  )
  return { batch: tokenBatch(rows, { rows: B, length: T, lossRows: program.task === 'SEQ_CLS' ? B : B * T }), padding, padTokenId: ids[mask.indexOf(0)] ?? 0 }
}

const logitsDifference = async (
  engine: GraphEngine,
  batch: TokenBatch,
  { expected }: GoldenCase,
  { program, placement, model }: PreparedCase,
  padding: 'left' | 'right',
): Promise<number> => {
  if (model.spec.encoderDecoder) return answerDifference(engine, batch, expected)
  const want = expected.floats('logits')
  if (program.task === 'SEQ_CLS') return maxDifference((await engine.logits(batch)).data, want)
  const [, S, V] = expected.shape('logits')
  const { data } = await engine.allLogits(batch)
  if (data.length !== want.length) return Number.POSITIVE_INFINITY
  const P = placement.rows
  return Math.max(
    ...batch.rows.flatMap(({ tokens }, b) => {
      const first = padding === 'left' ? S - P - tokens.length : 0
      const columns = [...Array.from({ length: P }, (_, i) => i), ...Array.from(tokens, (_, t) => P + first + t)]
      return columns.map((c) => maxDifference(data.subarray((b * S + c) * V, (b * S + c + 1) * V), want.subarray((b * S + c) * V, (b * S + c + 1) * V)))
    }),
  )
}

/** A row by itself, with room for its answer behind it: the padding of the case's batch does not matter here. */
const greedyOf = async (golden: Tensors, prepared: PreparedCase, runtime: Runtime, weights: Weights, device: Device): Promise<boolean> => {
  using engine = engineOf(prepared, runtime, weights, { padding: 'right', padTokenId: 0 }, device)
  return await (prepared.model.spec.encoderDecoder ? greedyAnswerEqual : greedyEqual)(engine, golden, prepared)
}

/** Greedy tokens by computing everything anew for each: slow, and with nothing in common with a key/value cache. */
const greedyEqual = async (engine: GraphEngine, golden: Tensors, { placement, model }: PreparedCase): Promise<boolean> => {
  const prompt = golden.integers('input_ids')
  const want = golden.integers('generated').slice(prompt.length)
  const length = prompt.length + want.length
  const P = placement.rows
  const V = model.spec.vocabSize
  const tokens = [...prompt]
  const ends = endTokens(model.folder)
  for (const next of want) {
    const rows = withTaskIds(golden, [{ tokens: Uint32Array.from(tokens), weights: new Float32Array(tokens.length), rowWeight: 1 }])
    const { data } = await engine.allLogits(tokenBatch(rows, { rows: 1, length, lossRows: 1 }))
    const last = data.subarray((P + tokens.length - 1) * V, (P + tokens.length) * V)
    if (greedyToken(last, want, ends) !== next) return false
    tokens.push(next)
  }
  return true
}
