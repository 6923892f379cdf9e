import { errors, nearest, sha256 } from '@weft/adapters'
import { checkTrainingFile, deletedSchema, type FileObject, fileListSchema, filePurposeSchema, fileSchema } from '@weft/protocol'
import { Hono } from 'hono'
import * as z from 'zod/mini'
import { invalidRequest, trainingFileDamaged, unknownField } from '../../errors.ts'
import { limited, sendJson } from '../../http/body.ts'
import { checkCursor } from '../../http/cursor.ts'
import { endpoint } from '../../http/endpoint.ts'
import { ignoredFields } from '../../http/ignored-fields.ts'
import { pageQuery, readQuery } from '../../http/query.ts'
import type { Variables } from '../../http/variables.ts'
import { newId, nowSeconds } from '../../identifiers.ts'
import { lostContent } from '../../stores/lost-content.ts'
import type { TrainingFiles } from '../../stores/training-files.ts'

/** What is uploaded. Rows to train on are checked here, requests when a batch is made of them. */
const purposes = ['fine-tune', 'batch'] as const
/** Characters; what file systems take. */
const longestName = 255
/** As OpenAI's clients may say it: there is one order. */
const listQuery = z.extend(pageQuery({ usual: 100, most: 1000 }), { purpose: z.optional(filePurposeSchema), order: z.optional(z.literal('desc')) })

const formSchema = { type: 'object', properties: { file: { type: 'string', format: 'binary' }, purpose: { enum: purposes } }, required: ['file', 'purpose'] }
/** A multipart body is its file and a little more: boundaries, headers, the purpose. */
const multipartOverhead = 16 * 1024

const tag = 'Files'
const fields = ['file', 'purpose']

async function readForm(request: Request, maxBytes: number): Promise<{ upload: File; purpose: (typeof purposes)[number] }> {
  const type = request.headers.get('content-type') ?? ''
  if (!type.startsWith('multipart/form-data')) throw invalidRequest('expected multipart/form-data with "file" and "purpose"')
  const body = limited(request, maxBytes + multipartOverhead)
  const form = await new Response(body, { headers: { 'content-type': type } }).formData().catch((error) => {
    throw error.code ? error : invalidRequest(`the multipart body cannot be read: ${error.message}`)
  })
  const names = [...form.keys()]
  for (const name of names) {
    if (Object.hasOwn(ignoredFields, name)) continue
    if (!fields.includes(name)) throw unknownField(name, nearest(name, fields, 1))
    if (form.getAll(name).length > 1) throw invalidRequest('it is there more than once', name)
  }
  const file = form.get('file')
  if (!(file instanceof File)) throw invalidRequest('expected a file', 'file')
  if (file.name.length > longestName) throw invalidRequest(`its name has ${file.name.length} characters; at most ${longestName} are kept`, 'file')
  const asked = form.get('purpose')
  const purpose = purposes.find((each) => each === asked)
  if (!purpose)
    throw invalidRequest(`expected "fine-tune" or "batch"${typeof asked === 'string' ? `, got ${JSON.stringify(asked.slice(0, 64))}` : ''}`, 'purpose')
  return { upload: file, purpose }
}

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
        const { upload, purpose } = await readForm(c.req.raw, maxFileBytes)
        const content = new Uint8Array(await upload.arrayBuffer())
        const rows = purpose === 'fine-tune' ? await checkTrainingFile(upload.stream() as ReadableStream<Uint8Array>) : undefined
        const file: FileObject = {
          id: newId('file'),
          object: 'file',
          bytes: content.byteLength,
          createdAt: nowSeconds(),
          filename: upload.name,
          purpose,
          digest: await sha256(content),
          ...(rows && { rows: rows.rows, kind: rows.kind, ...(rows.labels.length > 0 ? { labels: rows.labels } : {}) }),
        }
        await c.get('stores').files.put(file, content)
        return sendJson(c, { ...file, status: 'processed' })
      },
    )
    .get('/v1/files', endpoint({ summary: 'List files, newest first', tag, query: listQuery, answer: fileListSchema }), async (c) => {
      const page = readQuery(c, listQuery)
      const { files } = c.get('stores')
      await checkCursor(page.after, files.get)
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
