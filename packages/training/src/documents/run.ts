import { type LoadedAdapter, type ManifestInput, writeAdapter } from '@weft/adapters'
import { baseWeights, weightsOn } from '@weft/inference/base-weights'
import { checkDocument, checkTask, encodeState, type Plugin, PluginRegistry, parseConfig } from '@weft/methods'
import { AttentionInputs, type LoadedModel, noTokenizer } from '@weft/model'
import { readTrainingRows, type TrainingSpec, taskOfRows } from '@weft/protocol'
import { cancelled, contextTooShort, documentWithoutTokens } from '../errors.ts'
import type { ComputedResult } from '../pairs/run.ts'
import { modelIn } from '../precision/job-precision.ts'
import type { TrainingFiles, TrainingHost } from '../run/job.ts'
import { lineageOf } from '../run/manifest.ts'
import { compressParts } from './compress.ts'
import { HeadProducts } from './head-products.ts'
import { type Part, partLength, partsOf } from './parts.ts'
import { Reading } from './reading.ts'

/**
 * Compresses documents into a prefix by attention matching, without training. `metrics`: `document_tokens`, `tokens`, `parts`, and `error`, how far what reference
 * queries see is from what they see of the whole document (0 where it has no more tokens than were asked for: then the prefix is the document, exactly).
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
    const { state, error } = await compressParts(parts, { model, tokenizer: model.tokenizer!, reading, products, onLayer })
    const metrics = { document_tokens: read, tokens, parts: parts.length, error }
    onEvent({ type: 'message', level: 'info', message: told(metrics) })
    const config = fromDocument.config(asked, state)
    const made = encodeState(plugin, fromDocument.params(state), config, model.spec)
    return { adapter: await writeAdapter(manifestOf(spec, config, model, totalSteps, metrics), made), metrics, steps: totalSteps, trainedTokens: read }
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
  const fromDocument = checkDocument(plugin, spec)
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

const manifestOf = (spec: TrainingSpec, config: unknown, model: LoadedModel, steps: number, metrics: Record<string, number>): ManifestInput => ({
  method: spec.method,
  config: config as LoadedAdapter['manifest']['config'],
  base: { name: model.name, fingerprint: model.fingerprint, architecture: model.spec.architecture },
  task: spec.task,
  lineage: { ...lineageOf(spec), document: spec.document ?? {} },
  training: { steps, seed: spec.seed, metrics },
})

/** What is said of it at the end. */
const told = ({ document_tokens: read, tokens, parts, error }: Record<string, number>): string =>
  tokens === read
    ? `The document has ${read} tokens, no more than were asked for: its prefix is the document itself, exactly.`
    : `${tokens} keys stand for ${read} tokens${parts > 1 ? `, in ${parts} parts` : ''}; what is seen of them differs by ${(100 * error).toFixed(1)} % of what is seen of the document (squared, over reference queries).`
