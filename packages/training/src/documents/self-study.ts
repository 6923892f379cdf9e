import { adapterInputs, type FloatTensor, type PlacedComposition, Random } from '@weft/adapters'
import type { TrainingSpec } from '@weft/protocol'
import { type TokenBatch, tokenBatch } from '../batch/batch-tensors.ts'
import { evaluationBatches } from '../batch/batches.ts'
import type { TokenRow } from '../data/token-row.ts'
import { GraphEngine, type GraphEngineOptions } from '../graph/engine.ts'
import { frozenProgram } from '../graph/frozen-program.ts'
import type { TrainingProgram } from '../graph/graph.ts'
import { createOptimizer, learningRateAt } from '../optimizer/index.ts'
import { heldWeights } from '../precision/other-precision.ts'
import { KeptStates } from '../regularize/kept-states.ts'
import { readCheckpoint, writeCheckpoint } from '../run/checkpoint.ts'
import type { TrainingHost } from '../run/job.ts'
import { type LoopState, trainLoop } from '../run/loop.ts'
import { STUDY_LENGTH } from './study-rows.ts'

/** A tenth of the rows, at most so many, is never learned from. */
const MOST_HELD_OUT = 16

export interface SelfStudy {
  program: TrainingProgram
  /** Parameters to start from: the compressed document's. */
  values: Readonly<Record<string, Float32Array>>
  /** All tokens of the document, as they stand before what follows the prefix. */
  exact: FloatTensor
  /** Columns of the prefix that is trained. */
  tokens: number
  rows: readonly TokenRow[]
  steps: number
  spec: TrainingSpec
  place: Omit<GraphEngineOptions, 'program' | 'values'>
  host: TrainingHost
  /** Identity of the run, for checkpoints. */
  run: string
}

export interface Studied {
  engine: GraphEngine
  end: LoopState
  /** Whether rows were set aside. Of a document of a few sentences none can be: what it learned from has to do. */
  heldOut: boolean
  /** Mean KL(document in context ‖ compressed), nats a token, over rows that were set aside, or all there are: before and after. */
  before: number
  after: number
}

/**
 * Context distillation (Eyuboglu et al. 2025, https://arxiv.org/abs/2506.06266): the prefix learns to have the model predict, at every token of texts about the
 * document, what it predicts with the whole document before them. The caller disposes of the engine.
 */
export async function selfStudy({ program, values, exact, tokens, rows, steps, spec, place, host, run }: SelfStudy): Promise<Studied> {
  const { hyperparameters: h, seed } = spec
  const { model } = program
  const engine = new GraphEngine({ program, values, ...place })
  try {
    using frozen = new GraphEngine({ program: frozenProgram(model), values: {}, ...place })
    const D = exact.shape[3]
    const document: PlacedComposition = {
      placement: { rows: 0, prefix: D, prefixLengths: [D], longestPrefix: tokens },
      inputs: adapterInputs({ keyValue: { prefix: exact } }, model.spec),
    }
    const inContext = { before: [document], after: [] }
    const batches = studyBatches(rows, h.batchSize, seed)
    const states = new KeptStates<TokenBatch>()
    const taught = async (batch: TokenBatch): Promise<TokenBatch> => {
      const hidden = await states.of(batch, () => frozen.hidden({ ...batch, context: inContext }))
      return { ...batch, klToTeacher: { hidden, share: 1 } }
    }
    const divergence = async (): Promise<number> => {
      let [sum, count] = [0, 0]
      for (const batch of batches.measured) {
        sum += (await engine.gradients(await taught(batch), 1)) * batch.rows.length
        count += batch.rows.length
      }
      return sum / count
    }
    const before = await divergence()
    const optimizer = createOptimizer(engine.parameters, h)
    const held = heldWeights(model, host.onEvent)
    const state = host.checkpoint ? readCheckpoint(host.checkpoint, { run, ...held, parameters: engine.parameters, optimizer }) : undefined
    if (state) host.onEvent?.({ type: 'resume', step: state.step, totalSteps: steps })
    const schedule = { name: h.schedule, learningRate: h.learningRate, warmupSteps: Math.round(h.warmupRatio * steps), totalSteps: steps }
    const end = await trainLoop({
      engine,
      optimizer,
      totalSteps: steps,
      batches: async (step) => [await taught(batches.at(step))],
      learningRate: (step) => learningRateAt(schedule, step),
      maxGradNorm: h.maxGradNorm,
      lossScaling: model.precision?.compute === 'float16',
      state,
      ...(host.signal && { signal: host.signal }),
      ...(host.onEvent && { onEvent: host.onEvent }),
      checkpointSteps: host.onCheckpoint ? (h.checkpointEvery ?? Math.max(10, Math.ceil(steps / 20))) : 0,
      onCheckpoint: async (at) => {
        const bytes = writeCheckpoint({ run, ...held, state: at, parameters: engine.parameters, optimizer })
        await host.onCheckpoint!(bytes, at.step)
        return bytes.length
      },
    })
    return { engine, end, heldOut: batches.measured !== batches.training, before, after: await divergence() }
  } catch (error) {
    engine[Symbol.dispose]()
    throw error
  }
}

/** Batches in an order of the seed's, again and again, another each time; every tenth row is set aside. */
function studyBatches(rows: readonly TokenRow[], batchSize: number, seed: number) {
  const random = new Random(seed).split('study')
  const shuffled = [...random.permutation(rows.length)].map((i) => rows[i])
  const aside = Math.min(MOST_HELD_OUT, Math.floor(shuffled.length / 10))
  const made = (of: readonly TokenRow[]): TokenBatch[] => {
    const size = Math.min(batchSize, of.length)
    return evaluationBatches(
      of.map(({ tokens }) => tokens.length),
      size,
    ).map((batch) =>
      tokenBatch(
        batch.map((i) => of[i]),
        { rows: size, length: STUDY_LENGTH, lossRows: size * (STUDY_LENGTH - 1) },
      ),
    )
  }
  const training = made(shuffled.slice(aside))
  return {
    training,
    measured: aside > 0 ? made(shuffled.slice(0, aside)) : training,
    at: (step: number): TokenBatch => training[random.split(Math.floor(step / training.length)).permutation(training.length)[step % training.length]],
  }
}
