import * as z from 'zod/mini'
import { invalidFile, missingTensor, unexpectedTensor, wrongBase } from '../errors.ts'
import { canonicalJson } from '../file/canonical-json.ts'
import { poolingSchema, taskTypeSchema } from '../file/manifest.ts'
import { readSafetensors, toTensor, writeSafetensors } from '../file/safetensors.ts'
import { limits } from '../language/limits.ts'
import type { ModelSpec } from '../model-spec.ts'
import { siteOf, virtualTokensOf } from '../sites/index.ts'
import { decodeText } from '../sites/text/algebra.ts'
import { validateState } from '../sites/validate.ts'
import { byteTensor, type FloatTensor, floatTensor, type SiteState, type Tensor } from '../tensor.ts'
import type { Composed, Segment } from './composed.ts'

const headerSchema = z.object({
  format: z.literal('weft-composition'),
  version: z.literal(1),
  /** Of the base model it was composed for. */
  fingerprint: z.string(),
  segments: z.array(z.enum(['rows', 'text'])).check(z.maxLength(limits.terms)),
  sites: z.array(z.string()),
  longestPrefix: z.int().check(z.gte(0)),
  prefixLengths: z.optional(z.array(z.int().check(z.gte(1))).check(z.maxLength(limits.terms))),
  dormantKey: z.optional(z.nullable(z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/)))),
  labels: z.optional(z.array(z.string())),
  labelTasks: z.optional(z.array(z.string())),
  task: z.optional(taskTypeSchema),
  pooling: z.optional(poolingSchema),
})

/** The site whose state a segment's tensors are, for checking them alike. */
export const siteOfSegment = { rows: 'inputsEmbeds', text: 'text' } as const

/** A composition as safetensors: `segments.<n>.<tensor>` and `<site>.<tensor>`. The same composition gives the same bytes. */
export function packComposition(composed: Composed, base: { fingerprint: string }): Uint8Array<ArrayBuffer> {
  const tensors: Record<string, Tensor> = {}
  composed.segments.forEach((segment, n) => {
    for (const [name, tensor] of Object.entries(segmentState(segment))) tensors[`segments.${n}.${name}`] = tensor
  })
  for (const [site, state] of Object.entries(composed.sites)) {
    for (const [name, tensor] of Object.entries(state)) tensors[`${site}.${name}`] = tensor
  }
  const header: z.infer<typeof headerSchema> = {
    format: 'weft-composition',
    version: 1,
    fingerprint: base.fingerprint,
    segments: composed.segments.map(({ kind }) => kind),
    sites: Object.keys(composed.sites).sort(),
    longestPrefix: composed.longestPrefix,
    ...(composed.prefixLengths ? { prefixLengths: composed.prefixLengths } : {}),
    ...(composed.dormantKey === undefined ? {} : { dormantKey: composed.dormantKey }),
    ...headFacts(composed),
  }
  return writeSafetensors(tensors, { weft: canonicalJson(header) })
}

/**
 * Reads a packed composition, trusting nothing: structure, names, shapes, dtypes, finiteness and norms are checked
 * against the model before any value comes near a device.
 * @throws 422 `file_*`, `tensor_*`; 409 `wrong_base_model`
 */
export function unpackComposition(bytes: Uint8Array, model: ModelSpec, base?: { name: string; fingerprint: string }): Composed {
  const file = readSafetensors(bytes)
  const header = readHeader(file.metadata.weft)
  if (base && header.fingerprint !== base.fingerprint) throw wrongBase('the composition', { name: 'another model', fingerprint: header.fingerprint }, base)

  const groups = new Map<string, SiteState>([
    ...header.segments.map((_, n): [string, SiteState] => [`segments.${n}`, {}]),
    ...header.sites.map((site): [string, SiteState] => [site, {}]),
  ])
  for (const [name, stored] of Object.entries(file.tensors)) {
    const cut = name.startsWith('segments.') ? name.indexOf('.', 'segments.'.length) : name.indexOf('.')
    const group = groups.get(name.slice(0, Math.max(cut, 0)))
    if (!group || name.slice(cut + 1) === '__proto__')
      throw unexpectedTensor(
        'composition',
        name,
        [...groups.keys()].map((key) => `${key}.…`),
      )
    group[name.slice(cut + 1)] = toTensor(stored, name)
  }
  const segments = header.segments.map((kind, n): Segment => {
    const state = groups.get(`segments.${n}`)!
    validateState(siteOfSegment[kind], state, model, `segments.${n}`)
    return kind === 'rows'
      ? { kind, rows: state.rows as FloatTensor, ...(state.bias ? { bias: state.bias as FloatTensor } : {}) }
      : { kind, text: decodeText(state.utf8.data as Uint8Array), ...(state.bias ? { bias: state.bias.data[0] } : {}) }
  })
  const sites: Record<string, SiteState> = {}
  for (const name of header.sites) {
    const site = siteOf(name)
    if (site.ordered) throw invalidFile(`"${name}" takes positions and belongs among the segments`)
    const state = groups.get(name)!
    if (!Object.keys(state).length) throw missingTensor('composition', name)
    validateState(name, state, model, 'composition')
    sites[name] = state
  }
  checkPrefixes(header, sites)
  checkDormant(header)
  return {
    segments,
    sites,
    longestPrefix: header.longestPrefix,
    ...(header.prefixLengths ? { prefixLengths: header.prefixLengths } : {}),
    ...(header.dormantKey === undefined ? {} : { dormantKey: header.dormantKey }),
    ...headFacts(header),
  }
}

const headFacts = ({ labels, labelTasks, task, pooling }: Pick<Composed, 'labels' | 'labelTasks' | 'task' | 'pooling'>) => ({
  ...(labels && { labels }),
  ...(labelTasks && { labelTasks }),
  ...(task && { task }),
  ...(pooling && { pooling }),
})

function readHeader(json: string | undefined): z.infer<typeof headerSchema> {
  try {
    return headerSchema.parse(JSON.parse(json ?? ''))
  } catch {
    throw invalidFile('its "weft" metadata is not a composition header', 'composition_invalid')
  }
}

function checkPrefixes({ longestPrefix: longest, prefixLengths }: z.infer<typeof headerSchema>, sites: Record<string, SiteState>): void {
  const columns = Object.entries(sites).reduce((sum, [name, state]) => sum + virtualTokensOf(name, state).prefix, 0)
  if (longest > columns || (columns > 0 && longest === 0)) {
    throw invalidFile(`its longest prefix is ${longest}, but its prefixes have ${columns} columns`, 'composition_invalid')
  }
  if (prefixLengths && prefixLengths.reduce((sum, length) => sum + length, 0) !== columns) {
    throw invalidFile(`its prefixes are said to have ${prefixLengths.join(' + ')} columns, and they have ${columns}`, 'composition_invalid')
  }
}

/** Only what waits is left out before an invocation: what is read there is kept under another composition's key. */
function checkDormant({ dormantKey, segments, sites }: z.infer<typeof headerSchema>): void {
  if (dormantKey === undefined) return
  const waiting = sites.filter((site) => siteOf(site).waits)
  if (waiting.length === 0 || (dormantKey === null && segments.length + sites.length > waiting.length)) {
    throw invalidFile(`what acts before an invocation is said to be ${dormantKey ?? 'the base model'}, and its parts say otherwise`, 'composition_invalid')
  }
}

export const segmentState = (segment: Segment): SiteState =>
  segment.kind === 'rows'
    ? { rows: segment.rows, ...(segment.bias ? { bias: segment.bias } : {}) }
    : {
        utf8: byteTensor(new TextEncoder().encode(segment.text)),
        ...(segment.bias === undefined ? {} : { bias: floatTensor([1], Float32Array.of(segment.bias)) }),
      }
