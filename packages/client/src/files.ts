import { type Deleted, deletedSchema, type FileObject, fileListSchema, fileSchema } from '@weft/protocol'
import { readJson, type Send } from './request.ts'

export interface UploadParameters {
  /** JSONL of `{text}`, `{prompt, completion}`, `{messages}` or `{text, label}`; for a batch, of requests. */
  content: string | Uint8Array<ArrayBuffer> | Blob
  filename?: string
  /** `fine-tune` unless said. */
  purpose?: 'fine-tune' | 'batch'
}

export const files = (send: Send) => ({
  /** Uploads a file. Every line of a training file is checked; a bad one is refused with its number. */
  async upload({ content, filename = 'training.jsonl', purpose = 'fine-tune' }: UploadParameters): Promise<FileObject> {
    const body = new FormData()
    body.set('purpose', purpose)
    body.set('file', content instanceof Blob ? content : new Blob([content], { type: 'application/jsonl' }), filename)
    return readJson(fileSchema, await send({ method: 'POST', path: '/v1/files', body }))
  },
  async list(page: { after?: string; limit?: number } = {}): Promise<{ data: FileObject[]; hasMore: boolean }> {
    return readJson(fileListSchema, await send({ path: '/v1/files', query: page }))
  },
  async get(id: string): Promise<FileObject> {
    return readJson(fileSchema, await send({ path: `/v1/files/${id}` }))
  },
  async content(id: string): Promise<string> {
    return (await send({ path: `/v1/files/${id}/content` })).text()
  },
  /** The content as it comes. */
  async stream(id: string): Promise<ReadableStream<Uint8Array>> {
    return (await send({ path: `/v1/files/${id}/content` })).body!
  },
  async delete(id: string): Promise<Deleted> {
    return readJson(deletedSchema, await send({ method: 'DELETE', path: `/v1/files/${id}` }))
  },
})
