import {
  type AdapterDiff,
  type AdapterObject,
  type AliasObject,
  adapterDiffSchema,
  adapterListSchema,
  adapterSchema,
  aliasListSchema,
  aliasObjectSchema,
  checkUnlabelled,
  type Deleted,
  deletedSchema,
  type Probe,
  probeListSchema,
  putAliasSchema,
  putProbesSchema,
  type Rollback,
  rollbackSchema,
} from '@weft/protocol'
import { type CreateOptions, keyed, readJson, type Send, segment } from './transport/request.ts'

const base = '/v1/adapters'

export const adapters = (send: Send) => ({
  async list(): Promise<AdapterObject[]> {
    return (await readJson(adapterListSchema, await send({ path: base }))).data
  },
  /** `style/speech@1`, `style/speech@prod`, or `style/speech`; with its manifest. */
  async get(id: string): Promise<AdapterObject> {
    return readJson(adapterSchema, await send({ path: `${base}/${segment(id)}` }))
  },
  /** Newest first. */
  async versions(name: string): Promise<AdapterObject[]> {
    return (await readJson(adapterListSchema, await send({ path: `${base}/${segment(name)}/versions` }))).data
  },
  /** The file: safetensors. */
  async download(id: string): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await (await send({ path: `${base}/${segment(id)}/content` })).arrayBuffer())
  },
  /** Publishes an adapter file as the next version of `name`. */
  async publish(
    name: string,
    file: Uint8Array<ArrayBuffer>,
    { signature, ...options }: CreateOptions & { /** As `printSignature` writes it. */ signature?: string | undefined } = {},
  ): Promise<AdapterObject> {
    const headers = { 'content-type': 'application/octet-stream' }
    return readJson(adapterSchema, await send({ method: 'POST', path: base, query: { name, signature }, body: file, headers, ...keyed(options) }))
  },
  /** Inputs of its own data that an adapter carries, without answers: others learn to be silent there. */
  async probes(id: string): Promise<Probe[]> {
    return (await readJson(probeListSchema, await send({ path: `${base}/${segment(id)}/probes` }))).data
  },
  /** Gives an adapter its probes: at most 64 inputs as it is asked. Rows that are answered are refused (`probes_hold_labels`). */
  async setProbes(id: string, probes: readonly Probe[]): Promise<Probe[]> {
    checkUnlabelled(probes)
    const json = { schema: putProbesSchema, value: { data: [...probes] } }
    return (await readJson(probeListSchema, await send({ method: 'PUT', path: `${base}/${segment(id)}/probes`, json }))).data
  },
  async deleteProbes(id: string): Promise<Deleted> {
    return readJson(deletedSchema, await send({ method: 'DELETE', path: `${base}/${segment(id)}/probes` }))
  },
  /** What differs between two versions of a name, each a number, an alias or a digest: settings, data, metrics, and how far the tensors are apart. */
  async diff(name: string, from: string | number, to: string | number = 'latest'): Promise<AdapterDiff> {
    return readJson(adapterDiffSchema, await send({ path: `${base}/${segment(name)}/diff`, query: { from, to } }))
  },
  /** What stands for which version, by name: `latest` is what the bare name means. */
  async aliases(name: string): Promise<AliasObject[]> {
    return (await readJson(aliasListSchema, await send({ path: `${base}/${segment(name)}/aliases` }))).data
  },
  /** Makes an alias, or moves it. With `expected` only from that version (null: where there is none yet); otherwise `alias_moved`. */
  async setAlias(name: string, alias: string, version: number, { expected }: { expected?: number | null } = {}): Promise<AliasObject> {
    const json = { schema: putAliasSchema, value: { version, ...(expected === undefined ? {} : { expected }) } }
    return readJson(aliasObjectSchema, await send({ method: 'PUT', path: `${base}/${segment(name)}/aliases/${segment(alias)}`, json }))
  },
  async deleteAlias(name: string, alias: string): Promise<Deleted> {
    return readJson(deletedSchema, await send({ method: 'DELETE', path: `${base}/${segment(name)}/aliases/${segment(alias)}` }))
  },
  /** Moves what the bare name means to the version before, or to `to`. Nothing is deleted; the next publication moves it forward. */
  async rollback(name: string, options: Rollback = {}): Promise<AliasObject> {
    const json = { schema: rollbackSchema, value: options }
    return readJson(aliasObjectSchema, await send({ method: 'POST', path: `${base}/${segment(name)}/rollback`, json }))
  },
  /** Measures a candidate by its publish gate again. */
  async gate(id: string): Promise<AdapterObject> {
    return readJson(adapterSchema, await send({ method: 'POST', path: `${base}/${segment(id)}/gate` }))
  },
  /** One version, or every version of a name. Their numbers are never given again. Error `adapter_in_use` names what uses it; an admin's `force` deletes what routes, batches and other adapters use too. */
  async delete(id: string, { force = false } = {}): Promise<Deleted> {
    return readJson(deletedSchema, await send({ method: 'DELETE', path: `${base}/${segment(id)}`, query: force ? { force: 'true' } : {} }))
  },
})
