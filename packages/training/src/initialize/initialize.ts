import { type LoadedAdapter, Random } from '@weft/adapters'
import type { InitContext } from '@weft/methods'
import { type AttentionInputs, type LoadedModel, noTokenizer, tokenRows } from '@weft/model'
import type { Runtime, SessionOptions } from '@weft/ort'
import type { TokenRow } from '../data/token-row.ts'
import type { TrainingProgram } from '../graph/graph.ts'
import { headParams } from '../graph/head.ts'
import { keyValuesOf } from '../graph/key-values.ts'
import { initializeInTime } from './initialize-in-time.ts'

interface InitializeOptions {
  model: LoadedModel
  runtime: Runtime
  /** With the shared weights. */
  session: SessionOptions
  attention: AttentionInputs
  labels: readonly string[]
  required: readonly LoadedAdapter[]
  /** What is learned from: at least one, and no row is empty. */
  rows: readonly TokenRow[]
  seed: number
  /** Of the job. */
  signal?: AbortSignal | undefined
}

/** The context in which the parameter of this name is initialized; every parameter draws from its own stream. */
const initContext = (name: string, { model, runtime, session, attention, labels, required, rows, seed }: InitializeOptions): InitContext => ({
  random: new Random(seed).split('parameter').split(name),
  tokenize(text, { addSpecialTokens = false } = {}) {
    if (!model.tokenizer) throw noTokenizer(model.name)
    return model.tokenizer.encode(text, { addSpecialTokens })
  },
  embedding: (ids) => tokenRows(model, ids),
  keyValue: (ids) => keyValuesOf(ids, { model, runtime, session, attention }),
  baseWeight: (weight) => model.weights.readSync(weight),
  trainingTokens: (count) => firstTokens(rows, count, new Random(seed).split('parameter').split(name).split('rows')),
  labels,
  required,
  vocabSize: model.spec.vocabSize,
})

/** One row after another, in a random order; from the first again where all of them are too few. */
const firstTokens = (rows: readonly TokenRow[], count: number, random: Random): number[] => {
  const ids: number[] = []
  for (const row of random.permutation(rows.length)) {
    ids.push(...rows[row].tokens.subarray(0, count - ids.length))
    if (ids.length === count) return ids
  }
  return Array.from({ length: count }, (_, i) => ids[i % ids.length])
}

/** Initial values of every slot: the plugin's own, and the host's classifier. */
export const initialValues = async (program: TrainingProgram, options: InitializeOptions): Promise<Record<string, Float32Array>> => {
  const values: Record<string, Float32Array> = {}
  for (const [name, { init, shape }] of Object.entries({ ...program.params, ...headParams(program) })) {
    values[name] = await initializeInTime({ init, shape }, initContext(name, options), { method: program.plugin.id, name, signal: options.signal })
  }
  return values
}
