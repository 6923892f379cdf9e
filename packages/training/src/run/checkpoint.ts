import { readSafetensors, type Tensor, toFloat32, writeSafetensors } from '@weft/adapters'
import type { WeightPrecision } from '@weft/model'
import { z } from 'zod'
import { checkpointMismatch, unreadableCheckpoint } from '../errors.ts'
import type { Parameter } from '../graph/parameter.ts'
import type { Optimizer } from '../optimizer/optimizer.ts'
import { type OtherPrecision, otherPrecision, weightPrecisionSchema } from '../precision/other-precision.ts'
import type { LoopState } from './loop.ts'

const stateSchema = z.strictObject({
  format: z.literal('weft-checkpoint'),
  version: z.literal(1),
  /** What the run was made from; a checkpoint of another run is refused. */
  run: z.string(),
  precision: weightPrecisionSchema,
  optimizer: z.string(),
  optimizerSteps: z.int().nonnegative(),
  step: z.int().nonnegative(),
  lastLoss: z.number(),
  bestStep: z.int().nonnegative(),
  bestEvalLoss: z.number().nullable(),
  lastEvalLoss: z.number().optional(),
  evaluationsWithoutGain: z.int().nonnegative(),
  evaluationDue: z.boolean().optional(),
  stopped: z.boolean(),
  lossScale: z.optional(z.strictObject({ scale: z.number().positive(), goodSteps: z.int().nonnegative() })),
})

interface CheckpointParts {
  /** Identity of the run: a digest over its specification and files. */
  run: string
  /** What the frozen weights are held in. */
  precision: WeightPrecision
  state: LoopState
  parameters: readonly Parameter[]
  optimizer: Optimizer
}

/**
 * Everything a run resumes from, as safetensors: `params.<name>`, `optimizer.<name>.<slot>`, `best.<name>` when an earlier step was
 * better than this one. Batches need no state: their order follows from the seed and the step.
 */
export const writeCheckpoint = ({ run, precision, state, parameters, optimizer }: CheckpointParts): Uint8Array<ArrayBuffer> => {
  const { best, bestEvalLoss, ...rest } = state
  const tensors: Record<string, Tensor> = {}
  const slots = optimizer.slots()
  for (const { name, shape, data } of parameters) {
    tensors[`params.${name}`] = { shape: [...shape], data }
    for (const [slot, values] of Object.entries(slots[name])) tensors[`optimizer.${name}.${slot}`] = { shape: [values.length], data: values }
    if (best && state.bestStep !== state.step) tensors[`best.${name}`] = { shape: [...shape], data: best.get(name)! }
  }
  const header = {
    format: 'weft-checkpoint',
    version: 1,
    run,
    precision,
    optimizer: optimizer.name,
    optimizerSteps: optimizer.steps,
    ...rest,
    bestEvalLoss: Number.isFinite(bestEvalLoss) ? bestEvalLoss : null,
  }
  return writeSafetensors(tensors, { checkpoint: JSON.stringify(header) })
}

/**
 * Puts a checkpoint back into the parameters and the optimizer, in place.
 * @throws TrainingError `unreadable_checkpoint` when the bytes are no checkpoint, `checkpoint_mismatch` when they are another run's
 */
export const readCheckpoint = (
  bytes: Uint8Array,
  { run, precision, parameters, optimizer, onWarning }: Omit<CheckpointParts, 'state'> & OtherPrecision,
): LoopState => {
  const { tensors, header } = parse(bytes)
  if (header.run !== run) throw checkpointMismatch('it was made from another specification, base model or other files')
  if (header.optimizer !== optimizer.name) throw checkpointMismatch(`it holds the state of ${header.optimizer}, not of ${optimizer.name}`)
  otherPrecision(header, { precision, onWarning })
  const take = (name: string, length: number): Float32Array => {
    const stored = tensors[name]
    if (!stored) throw checkpointMismatch(`it lacks ${name}`)
    const values = toFloat32(stored, name)
    if (values.length !== length) throw checkpointMismatch(`${name} has ${values.length} elements instead of ${length}`)
    return values
  }
  const slots = optimizer.slots()
  for (const { name, data } of parameters) {
    data.set(take(`params.${name}`, data.length))
    for (const [slot, values] of Object.entries(slots[name])) values.set(take(`optimizer.${name}.${slot}`, values.length))
  }
  optimizer.steps = header.optimizerSteps
  const { format, version, run: _, precision: __, optimizer: ___, optimizerSteps, bestEvalLoss, ...state } = header
  const best =
    bestEvalLoss === null
      ? undefined
      : new Map(parameters.map(({ name, data }) => [name, header.bestStep === header.step ? data.slice() : take(`best.${name}`, data.length)]))
  return { ...state, bestEvalLoss: bestEvalLoss ?? Number.POSITIVE_INFINITY, ...(best && { best }) }
}

const parse = (bytes: Uint8Array) => {
  try {
    const { tensors, metadata } = readSafetensors(bytes)
    return { tensors, header: stateSchema.parse(JSON.parse(metadata.checkpoint ?? 'null')) }
  } catch (cause) {
    throw unreadableCheckpoint((cause as Error).message, cause)
  }
}
