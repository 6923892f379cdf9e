import { errors, sha256 } from '@weft/adapters'
import { deletedSchema, type FileObject, fileListSchema, filePurposeSchema, fileSchema } from '@weft/protocol'
import { Hono } from 'hono'
import * as z from 'zod/mini'
import { trainingFileDamaged } from '../../errors.ts'
import { sendJson } from '../../http/body.ts'
import { checkCursor } from '../../http/cursor.ts'
import { endpoint } from '../../http/endpoint.ts'
import { pageQuery, readQuery } from '../../http/query.ts'
import type { Variables } from '../../http/variables.ts'
import { lostContent } from '../../stores/lost-content.ts'
import type { TrainingFiles } from '../../stores/training-files.ts'
import { purposes, receiveFile } from './receive-file.ts'

const listQuery = z.extend(pageQuery({ usual: 100, most: 1000 }), {
  purpose: z.optional(filePurposeSchema),
  order: z._default(z.enum(['asc', 'desc']), 'desc'),
})

const formSchema = { type: 'object', properties: { file: { type: 'string', format: 'binary' }, purpose: { enum: purposes } }, required: ['file', 'purpose'] }
const tag = 'Files'
/** `/v1/files`: training files, checked line by line before anything is stored; batches of requests; and what jobs and batches leave. */
export const filesRoute = ({ maxFileBytes }: { maxFileBytes: number }) => {
  const found = async (files: TrainingFiles, id: string): Promise<FileObject> => {
    const file = await files.get(id)
    if (!file) throw errors.notFound('file', id, [], 'file_id')
    return file
  }
  return new Hono<Variables>()
    .post(
      '/v1/files',
      endpoint({
        summary: 'Upload a file to train on, or a batch of requests',
        tag,
        accepts: { 'multipart/form-data': { schema: formSchema } },
        answer: fileSchema,
      }),
      async (c) => {
        const file = await receiveFile(c.req.raw, c.get('stores').files, maxFileBytes, c.get('caller').signal)
        return sendJson(c, { ...file, status: 'processed' })
      },
    )
    .get('/v1/files', endpoint({ summary: 'List files, newest first, or oldest first', tag, query: listQuery, answer: fileListSchema }), async (c) => {
      const page = readQuery(c, listQuery)
      const { files } = c.get('stores')
      // Clients delete as they go through the pages: the last file of one may be gone when the next is asked for.
      await checkCursor(page.after, files.isOrWas)
      const { files: found, hasMore } = await files.list(page)
      const data = found.map((file) => ({ ...file, status: 'processed' }))
      return sendJson(c, { object: 'list', data, hasMore, firstId: data[0]?.id ?? null, lastId: data.at(-1)?.id ?? null })
    })
    .get('/v1/files/:id', endpoint({ summary: 'One file', tag, answer: fileSchema }), async (c) =>
      sendJson(c, { ...(await found(c.get('stores').files, c.req.param('id'))), status: 'processed' }),
    )
    .get('/v1/files/:id/content', endpoint({ summary: 'Its content', tag, answers: ['application/jsonl', 'text/csv'] }), async (c) => {
      const { files } = c.get('stores')
      const { id, filename, digest, bytes } = await found(files, c.req.param('id'))
      const headers = {
        'content-type': filename.endsWith('.csv') ? 'text/csv' : 'application/jsonl',
        'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(filename)}`,
      }
      // What a batch left may be larger than the memory in which a file is checked.
      if (bytes > maxFileBytes) {
        const content = await files.stream(id)
        if (!content) throw await lostContent(files, id, 'file_id')
        return c.body(content, 200, headers)
      }
      const content = await files.content(id)
      if (!content) throw await lostContent(files, id, 'file_id')
      if ((await sha256(content)) !== digest) throw trainingFileDamaged(id)
      return c.body(content as Uint8Array<ArrayBuffer>, 200, headers)
    })
    .delete('/v1/files/:id', endpoint({ summary: 'Delete a file', tag, answer: deletedSchema }), async (c) => {
      const { files } = c.get('stores')
      const { id } = await found(files, c.req.param('id'))
      await files.delete(id)
      return sendJson(c, { id, object: 'file', deleted: true })
    })
}
