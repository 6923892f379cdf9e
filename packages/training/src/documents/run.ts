import { type LoadedAdapter, type ManifestInput, writeAdapter } from '@weft/adapters'
import { baseWeights, weightsOn } from '@weft/inference/base-weights'
import { checkDocument, checkTask, encodeState, type Plugin, PluginRegistry, parseConfig } from '@weft/methods'
import { AttentionInputs, type LoadedModel, noTokenizer } from '@weft/model'
import { readTrainingRows, type TrainingSpec, taskOfRows } from '@weft/protocol'
import { cancelled, contextTooShort, documentWithoutTokens } from '../errors.ts'
import type { ComputedResult } from '../pairs/run.ts'
import { modelIn } from '../precision/job-precision.ts'
import { adapterFile } from '../run/finish.ts'
import type { TrainingFiles, TrainingHost } from '../run/job.ts'
import { lineageOf } from '../run/manifest.ts'
import { preparedShare } from '../run/progress.ts'
import { runIdentity } from '../run-identity.ts'
import { compressParts, exactPrefixes } from './compress.ts'
import { HeadProducts } from './head-products.ts'
import { type Part, partLength, partsOf } from './parts.ts'
import { Reading } from './reading.ts'
import { selfStudy } from './self-study.ts'
import { studyRows } from './study-rows.ts'

/**
 * Compresses documents into a prefix by attention matching, without training unless self-study is asked for. `metrics`: `document_tokens`, `tokens`, `parts`, and `error`, how far what reference
 * queries see is from what they see of the whole document (0 where it has no more tokens than were asked for: then the prefix of one part is the document, exactly).
 * With self-study also `divergence_before` and `divergence`, the mean KL(document in context ‖ compressed) a token, on texts about it that were set aside, or that it
 * learned from where they are too few.
 * Equal specification, files and base model give equal bytes on the CPU.
 * @throws TrainingError `document_too_long`, `document_without_tokens`, `context_too_short`, `cancelled`; WeftError of `checkDocument`
 */
export const compressDocuments = async (spec: TrainingSpec, files: TrainingFiles, host: TrainingHost): Promise<ComputedResult> => {
  const { runtime, onEvent = () => {}, signal, device, threads, session } = host
  const model = modelIn(spec.hyperparameters, host)
  const attention = new AttentionInputs(model)
  const { plugin, config: asked, fromDocument, documents, parts, tokens } = await prepare(spec, files, { model, attention, plugins: host.plugins })
  const read = documents.reduce((sum, { length }) => sum + length, 0)
  const totalSteps = parts.length * model.spec.numLayers
  onEvent({
    type: 'data',
    rows: documents.length,
    validationRows: 0,
    truncatedRows: 0,
    unlearnedRows: 0,
    leftOutRows: 0,
    maxLength: Math.max(...parts.map(({ ids }) => ids.length)),
    tokens: read,
    epochs: 1,
    totalSteps,
  })

  const given = model === host.model ? host.weights : undefined
  const own = given ? undefined : await baseWeights(runtime, model, { shared: host.weights, device: weightsOn(device ?? 'cpu') })
  try {
    using products = await HeadProducts.open(runtime, model, threads)
    const reading = new Reading({ model, runtime, weights: given ?? own!, attention, device, threads, session })
    let step = 0
    const onLayer = (): void => {
      if (signal?.aborted) throw cancelled(step)
      onEvent({ type: 'document', step: ++step, totalSteps })
    }
    const onReading = () => {
      const told = preparedShare(onEvent, { step, totalSteps, work: 'reading' })
      return (share: number): void => {
        if (signal?.aborted) throw cancelled(step)
        told(share)
      }
    }
    const biased = fromDocument.biases?.(asked) ?? true
    const { state, error } = await compressParts(parts, { model, tokenizer: model.tokenizer!, reading, products, biased, onReading, onLayer })
    const metrics = { document_tokens: read, tokens, parts: parts.length, error }
    onEvent({ type: 'message', level: 'info', message: told(metrics) })
    const config = fromDocument.config(asked, state)
    const studySteps = spec.document?.selfStudy ?? 0
    const steps = tokens === read ? 0 : studySteps
    if (steps < studySteps)
      onEvent({ type: 'message', level: 'info', message: 'Self-study was left out: what is kept whole has nothing to learn from itself.' })
    if (steps === 0) {
      const made = encodeState(plugin, fromDocument.params(state), config, model.spec)
      return { adapter: await writeAdapter(manifestOf(spec, config, model, totalSteps, metrics), made), metrics, steps: totalSteps, trainedTokens: read }
    }
    const { place, run } = { place: { runtime, weights: given ?? own!, attention, device, threads, session }, run: runIdentity(spec, files, model) }
    const params = plugin.params(config, model.spec, [])
    const values = Object.fromEntries(Object.entries(fromDocument.params(state)).map(([name, { data }]) => [name, data]))
    const program = { model, plugin, config, params, task: spec.task, numLabels: 0, headBias: false }
    const exact = await exactPrefixes(parts, { model, reading })
    const { engine, end, heldOut, before, after } = await selfStudy({
      ...{ program, values, exact, tokens, rows: studyRows(documents, model.tokenizer!), steps, spec, place, host, run },
    })
    using studied = engine
    onEvent({ type: 'message', level: 'info', message: toldOfStudy(before, after, heldOut) })
    const all = { ...metrics, divergence_before: before, divergence: after }
    const { bytes } = await adapterFile(studied, plugin, manifestOf(spec, config, model, steps, all, end.lastLoss), { config, model: model.spec, required: [] })
    return { adapter: bytes, metrics: all, steps: totalSteps + steps, trainedTokens: read }
  } finally {
    own?.dispose()
  }
}

interface Prepared {
  plugin: Plugin
  config: unknown
  fromDocument: ReturnType<typeof checkDocument>
  documents: number[][]
  parts: Part[]
  /** Keys of all parts. */
  tokens: number
}

/** Everything that can be refused is refused here, before any weight is read. */
const prepare = async (
  spec: TrainingSpec,
  files: TrainingFiles,
  { model, attention, plugins }: { model: LoadedModel; attention: AttentionInputs; plugins: Iterable<Plugin> },
): Promise<Prepared> => {
  const plugin = new PluginRegistry(plugins).get(spec.method)
  checkTask(plugin, taskOfRows('document', model.spec))
  const config = parseConfig(plugin, spec.config)
  const fromDocument = checkDocument(plugin, { ...spec, hyperparameters: undefined })
  const { tokenizer, name } = model
  if (!tokenizer) throw noTokenizer(name)
  const { rows } = await readTrainingRows(files.training)
  const documents = rows.map(({ line, row }) => {
    // As a text that stands in a composition is read: the prompt brings the special tokens of a beginning.
    const ids = row.kind === 'document' ? [...tokenizer.encode(row.document, { addSpecialTokens: false })] : []
    if (ids.length === 0) throw documentWithoutTokens(line)
    return ids
  })
  const parts = partsOf(documents, fromDocument.tokens(config), partLength(model, attention, spec.document?.partTokens))
  const tokens = parts.reduce((sum, part) => sum + part.tokens, 0)
  if (tokens >= model.spec.maxPositions) throw contextTooShort(tokens, model.spec.maxPositions)
  return { plugin, config, fromDocument, documents, parts, tokens }
}

const manifestOf = (spec: TrainingSpec, config: unknown, model: LoadedModel, steps: number, metrics: Record<string, number>, loss?: number): ManifestInput => ({
  method: spec.method,
  config: config as LoadedAdapter['manifest']['config'],
  base: { name: model.name, fingerprint: model.fingerprint, architecture: model.spec.architecture },
  task: spec.task,
  lineage: { ...lineageOf(spec), document: spec.document ?? {} },
  training: { steps, seed: spec.seed, metrics, ...(loss !== undefined && { loss, hyperparameters: spec.hyperparameters }) },
})

/** What is said of it at the end. */
const told = ({ document_tokens: read, tokens, parts, error }: Record<string, number>): string =>
  tokens === read
    ? `${read} tokens, no more than were asked for: ${parts > 1 ? `${parts} parts are kept whole, none of which sees another` : 'the prefix is the document itself, exactly'}.`
    : `${tokens} keys stand for ${read} tokens${parts > 1 ? `, in ${parts} parts` : ''}; what is seen of them differs by ${(100 * error).toFixed(1)} % of what is seen of the document (squared, over reference queries).`

const toldOfStudy = (before: number, after: number, heldOut: boolean): string =>
  `By self-study, what is predicted behind it differs from what is predicted behind the document by ${after.toFixed(3)} nats a token on ${heldOut ? 'held-out texts about it' : 'the texts about it that it learned from, which are too few to set any aside'}; before, by ${before.toFixed(3)}.`
