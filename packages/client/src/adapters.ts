import { type AdapterObject, adapterListSchema, adapterSchema, type Deleted, deletedSchema } from '@weft/protocol'
import { readJson, type Send, segment } from './request.ts'

const base = '/v1/adapters'

export const adapters = (send: Send) => ({
  async list(): Promise<AdapterObject[]> {
    return (await readJson(adapterListSchema, await send({ path: base }))).data
  },
  /** `style/speech@1`, or `style/speech` for its newest version; with its manifest. */
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
  async publish(name: string, file: Uint8Array<ArrayBuffer>): Promise<AdapterObject> {
    const headers = { 'content-type': 'application/octet-stream' }
    return readJson(adapterSchema, await send({ method: 'POST', path: base, query: { name }, body: file, headers }))
  },
  /** One version, or every version of a name. Their numbers are never given again. */
  async delete(id: string): Promise<Deleted> {
    return readJson(deletedSchema, await send({ method: 'DELETE', path: `${base}/${segment(id)}` }))
  },
})
