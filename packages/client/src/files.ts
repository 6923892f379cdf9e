import { type Deleted, deletedSchema, type FileObject, fileListSchema, fileSchema } from '@weft/protocol'
import { type CallOptions, readJson, type Send, segment } from './transport/request.ts'
import { unbroken } from './transport/unbroken.ts'
import { type UploadProgress, uploadBody } from './transport/upload-body.ts'

export interface UploadParameters {
  /** JSONL of `{text}`, `{prompt, completion}`, `{messages}` or `{text, label}`; for a batch, of requests. */
  content: string | Uint8Array<ArrayBuffer> | Blob
  filename?: string
  /** `fine-tune` unless said. */
  purpose?: 'fine-tune' | 'batch'
}

export const files = (send: Send) => ({
  /** Uploads a file. Every line of a training file is checked; a bad one is refused with its number. */
  async upload(
    { content, filename = 'training.jsonl', purpose = 'fine-tune' }: UploadParameters,
    { onProgress, ...options }: CallOptions & { onProgress?: UploadProgress | undefined } = {},
  ): Promise<FileObject> {
    const form = new FormData()
    const file = content instanceof Blob ? content : new Blob([content], { type: 'application/jsonl' })
    form.set('purpose', purpose)
    form.set('file', file, filename)
    const { sent, ...rest } = onProgress ? uploadBody(form, file.size, onProgress) : { body: form, sent() {} }
    // What an answer that was lost leaves behind is a file that nobody names. A body that is a stream has been read by then.
    const safe = !(rest.body instanceof ReadableStream)
    const uploaded = await readJson(fileSchema, await send({ method: 'POST', path: '/v1/files', ...rest, ...options, safe }))
    sent()
    return uploaded
  },
  /** Newest first, or oldest first with `asc`. */
  async list(page: { after?: string; limit?: number; order?: 'asc' | 'desc' } = {}): Promise<{ data: FileObject[]; hasMore: boolean }> {
    return readJson(fileListSchema, await send({ path: '/v1/files', query: page }))
  },
  async get(id: string): Promise<FileObject> {
    return readJson(fileSchema, await send({ path: `/v1/files/${segment(id)}` }))
  },
  /** The content as text, which has no byte order mark and is UTF-8; `stream` gives the bytes. */
  async content(id: string): Promise<string> {
    return (await send({ path: `/v1/files/${segment(id)}/content` })).text()
  },
  /** The content's bytes as they come. Error 502 `stream_broken` where they do not come to their end. */
  async stream(id: string): Promise<ReadableStream<Uint8Array>> {
    return unbroken((await send({ path: `/v1/files/${segment(id)}/content`, streams: true })).body!)
  },
  async delete(id: string): Promise<Deleted> {
    return readJson(deletedSchema, await send({ method: 'DELETE', path: `/v1/files/${segment(id)}` }))
  },
})
