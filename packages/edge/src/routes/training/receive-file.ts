import { nearest } from '@weft/adapters'
import { type FileObject, inTurns, TrainingFileReader } from '@weft/protocol'
import { invalidRequest, unknownField } from '../../errors.ts'
import { ignoredFields } from '../../http/ignored-fields.ts'
import { type Part, readMultipart } from '../../http/multipart/read-multipart.ts'
import { newId, nowSeconds } from '../../identifiers.ts'
import type { TrainingFiles } from '../../stores/training-files.ts'

/** What is uploaded. Rows to train on are checked here, requests when a batch is made of them. */
export const purposes = ['fine-tune', 'batch'] as const
type Purpose = (typeof purposes)[number]

/** Characters; what file systems take. */
const longestName = 255
/** Bytes of a text beside the file. */
const longestText = 4096
/** A multipart body is its file and a little more: boundaries, headers, the purpose. */
const multipartOverhead = 16 * 1024

const fields = ['file', 'purpose']

interface Received {
  filename: string
  rows: RowsSeen
  bytes: number
  digest: string
}

/**
 * Stores the file of a form as it comes, and holds a piece of it at a time. It is a file once all of the form is there and right: what came before that is
 * taken away again. Errors 400 `invalid_request`, `unknown_field`, `training_file_*`; 413 `file_too_large`.
 */
export async function receiveFile(request: Request, files: TrainingFiles, maxBytes: number): Promise<FileObject> {
  if (!(request.headers.get('content-type') ?? '').startsWith('multipart/form-data'))
    throw invalidRequest('expected multipart/form-data with "file" and "purpose"')
  const id = newId('file')
  try {
    const { received, purpose } = await readForm(request, maxBytes, async (part, said) => {
      const rows = new RowsSeen(said)
      return { filename: part.filename ?? '', rows, ...(await files.write(id, rows.of(part.content))) }
    })
    const { filename, rows, bytes, digest } = received
    const file: FileObject = { id, object: 'file', bytes, createdAt: nowSeconds(), filename, purpose, digest, ...(purpose === 'fine-tune' && rows.end()) }
    await files.put(file)
    return file
  } catch (error) {
    // Garbage at worst, which is collected.
    await files.drop(id).catch(() => {})
    throw error
  }
}

/** Fields come in any order. @param receive takes the file, given what purpose was said before it */
async function readForm(
  request: Request,
  maxBytes: number,
  receive: (part: Part, said: Purpose | undefined) => Promise<Received>,
): Promise<{ received: Received; purpose: Purpose }> {
  const seen = new Set<string>()
  let received: Received | undefined
  let purpose: Purpose | undefined
  for await (const part of readMultipart(request, maxBytes + multipartOverhead)) {
    const { name, filename } = part
    if (Object.hasOwn(ignoredFields, name)) continue
    if (!fields.includes(name)) throw unknownField(name, nearest(name, fields, 1))
    if (seen.has(name)) throw invalidRequest('it is there more than once', name)
    seen.add(name)
    if (name === 'purpose') purpose = readPurpose(filename === undefined ? await textOf(part) : undefined)
    else if (filename === undefined) throw invalidRequest('expected a file', 'file')
    else if (filename.length > longestName) throw invalidRequest(`its name has ${filename.length} characters; at most ${longestName} are kept`, 'file')
    else received = await receive(part, purpose)
  }
  if (!received) throw invalidRequest('expected a file', 'file')
  return { received, purpose: purpose ?? readPurpose(undefined) }
}

function readPurpose(asked: string | undefined): Purpose {
  const purpose = purposes.find((each) => each === asked)
  if (purpose) return purpose
  throw invalidRequest(`expected "fine-tune" or "batch"${asked === undefined ? '' : `, got ${JSON.stringify(asked.slice(0, 64))}`}`, 'purpose')
}

async function textOf({ name, content }: Part): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const piece of content) {
    text += decoder.decode(piece, { stream: true })
    if (text.length > longestText) throw invalidRequest(`it has more than ${longestText} characters`, name)
  }
  return text + decoder.decode()
}

/** Checks a file's lines while they pass by. Where nobody has said yet that they are rows to train on, what is wrong with them waits for that. */
class RowsSeen {
  readonly #reader = new TrainingFileReader()
  readonly #purpose: Purpose | undefined
  #fault: unknown

  constructor(purpose: Purpose | undefined) {
    this.#purpose = purpose
  }

  /** The same bytes. */
  async *of(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of inTurns(content)) {
      if (this.#purpose !== 'batch' && this.#fault === undefined) this.#look(piece)
      yield piece
    }
  }

  #look(piece: Uint8Array): void {
    try {
      this.#reader.push(piece)
    } catch (error) {
      if (this.#purpose === 'fine-tune') throw error
      this.#fault = error
    }
  }

  /** What a training file says of itself. */
  end(): Pick<FileObject, 'rows' | 'kind' | 'labels'> {
    if (this.#fault !== undefined) throw this.#fault
    const { rows, kind, labels } = this.#reader.end().summary
    return { rows, kind, ...(labels.length > 0 ? { labels } : {}) }
  }
}
