import { invalidFile, invalidManifest, missingTensor, noManifest, unexpectedTensor } from '../errors.ts'
import type { ModelSpec } from '../model-spec.ts'
import { describeIssues } from '../schema/issues.ts'
import { deepestJson, isDeeperThan } from '../schema/json-depth.ts'
import { siteOf, virtualTokensOf } from '../sites/index.ts'
import { validateState } from '../sites/validate.ts'
import { type AdapterState, bytesOf, type Tensor } from '../tensor.ts'
import { canonicalJson } from './canonical-json.ts'
import { sha256 } from './digest.ts'
import type { LoadedAdapter } from './loaded.ts'
import { type AdapterManifest, manifestSchema } from './manifest.ts'
import { checkArchitecture, checkBase } from './of-base.ts'
import { readSafetensors, type StoredFloats, toTensor, writeSafetensors } from './safetensors.ts'

/** The manifest's fields that the writer gives. The others are computed from the state. */
export type ManifestInput = Omit<AdapterManifest, 'format' | 'version' | 'sites' | 'virtualTokens' | 'shared'>

/**
 * Writes an adapter file: safetensors named `<site>.<tensor>` and `params.<name>`, the manifest as JSON in the metadata.
 * The same inputs give the same bytes.
 */
export async function writeAdapter(
  manifest: ManifestInput,
  state: AdapterState,
  params: Readonly<Record<string, Tensor>> = {},
  { floats }: StoredFloats = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const derived = await derive(state)
  const full: AdapterManifest = { ...manifest, format: 'weft-adapter', version: 1, ...derived }
  const tensors: Record<string, Tensor> = {}
  for (const [site, tensorsOfSite] of Object.entries(state)) {
    for (const [name, tensor] of Object.entries(tensorsOfSite)) tensors[`${site}.${name}`] = tensor
  }
  for (const [name, tensor] of Object.entries(params)) tensors[`params.${name}`] = tensor
  return writeSafetensors(tensors, { weft: canonicalJson(full) }, { floats })
}

/** The manifest's fields that are computed from the state: its sites, the positions it takes, the digests of its trunks. */
async function derive(state: AdapterState): Promise<Pick<AdapterManifest, 'sites' | 'virtualTokens' | 'shared'>> {
  const virtualTokens = { rows: 0, prefix: 0 }
  const shared: Record<string, string> = {}
  for (const [name, tensors] of Object.entries(state)) {
    const site = siteOf(name)
    const { rows, prefix } = virtualTokensOf(name, tensors)
    virtualTokens.rows += rows
    virtualTokens.prefix = Math.max(virtualTokens.prefix, prefix)
    const block = site.shared?.(tensors)
    if (block) shared[name] = await tensorDigest(block)
  }
  return { sites: Object.keys(state).sort(), virtualTokens, ...(Object.keys(shared).length ? { shared } : {}) }
}

async function tensorDigest(tensor: Tensor): Promise<string> {
  const head = new TextEncoder().encode(`${tensor.shape.join('x')}\n`)
  const bytes = bytesOf(tensor)
  const all = new Uint8Array(head.length + bytes.length)
  all.set(head)
  all.set(bytes, head.length)
  return sha256(all)
}

/**
 * Reads an adapter file. With `model`, the state is checked against its sizes; with `base`, the file must have been made
 * for that fingerprint.
 * @throws 422 `file_truncated`, `file_invalid`, `manifest_missing`, `manifest_invalid`, `tensor_*`; 409 `wrong_base_model`
 */
export async function readAdapter(
  bytes: Uint8Array,
  options: { model?: ModelSpec; base?: { name: string; fingerprint: string } } = {},
): Promise<LoadedAdapter> {
  const file = readSafetensors(bytes)
  const manifest = readManifest(file.metadata)
  if (options.model) checkArchitecture(manifest, options.model)
  if (options.base) checkBase(manifest, options.base, manifest.method)
  const state: AdapterState = {}
  const params: Record<string, Tensor> = {}
  for (const site of manifest.sites) {
    siteOf(site)
    state[site] = {}
  }
  for (const [name, stored] of Object.entries(file.tensors)) {
    const dot = name.indexOf('.')
    const group = name.slice(0, Math.max(dot, 0))
    const rest = name.slice(dot + 1)
    // As a key it would be an object's prototype, and the tensor gone.
    if (rest === '__proto__') throw unexpectedTensor('adapter', name, ['names of tensors'])
    if (group === 'params') params[rest] = toTensor(stored, name)
    else if (Object.hasOwn(state, group)) state[group][rest] = toTensor(stored, name)
    else throw unexpectedTensor('adapter', name, [...manifest.sites.map((site) => `${site}.…`), 'params.…'])
  }
  for (const [site, tensors] of Object.entries(state)) {
    if (!Object.keys(tensors).length) throw invalidFile(`its manifest names the site "${site}", of which it has no tensor`)
    for (const name of siteOf(site).needs ?? []) if (!Object.hasOwn(tensors, name)) throw missingTensor('adapter', `${site}.${name}`)
    if (options.model) validateState(site, tensors, options.model, manifest.method)
  }
  checkDerived(manifest, await derive(state))
  checkLabels(manifest, state)
  return { digest: await sha256(bytes), manifest, state, params }
}

/** The manifest alone, from a file's metadata. */
export function readManifest(metadata: Readonly<Record<string, string>>): AdapterManifest {
  if (metadata.weft === undefined) throw noManifest()
  let json: unknown
  try {
    json = JSON.parse(metadata.weft)
  } catch {
    throw invalidManifest([{ param: '', message: 'it is not JSON' }])
  }
  if (isDeeperThan(json, deepestJson)) throw invalidManifest([{ param: '', message: `it is nested more than ${deepestJson} levels deep` }])
  const result = manifestSchema.safeParse(json)
  if (!result.success) throw invalidManifest(describeIssues(result.error.issues))
  return result.data
}

// The edge orders terms by the manifest and computes with the tensors, so the two must agree.
function checkDerived(manifest: AdapterManifest, derived: Pick<AdapterManifest, 'sites' | 'virtualTokens' | 'shared'>): void {
  for (const key of ['sites', 'virtualTokens', 'shared'] as const) {
    const said = key === 'sites' ? [...manifest.sites].sort() : manifest[key]
    if (canonicalJson(said ?? {}) !== canonicalJson(derived[key] ?? {})) {
      throw invalidManifest([{ param: key, message: `the manifest says ${canonicalJson(said ?? {})}, the tensors ${canonicalJson(derived[key] ?? {})}` }])
    }
  }
}

// A label without a row of the head, or a row without a label, would name another class.
function checkLabels({ labels, labelTasks }: AdapterManifest, { head }: AdapterState): void {
  const refuse = (message: string): never => {
    throw invalidManifest([{ param: 'labels', message }])
  }
  if (!labels) {
    if (labelTasks) refuse('tasks of labels are given, and no labels')
    return
  }
  if (!head) return refuse(`the manifest says ${labels.map((label) => `"${label}"`).join(', ')}, and the file has no head`)
  const [rows] = head.weight.shape
  if (labels.length !== rows)
    refuse(`the manifest says ${labels.length} (${labels.map((label) => `"${label}"`).join(', ')}), the head has ${rows} rows; one label per row is expected`)
  const twice = labels.find((label, at) => labels.indexOf(label) !== at)
  if (twice !== undefined) refuse(`"${twice}" is there twice`)
  if (labelTasks && labelTasks.length !== rows) refuse(`${labelTasks.length} tasks of labels are given, the head has ${rows} rows`)
}
