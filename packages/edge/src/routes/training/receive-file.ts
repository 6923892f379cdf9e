import { nearest } from '@weft/adapters'
import { type FileObject, inTurns, TrainingFileReader } from '@weft/protocol'
import { bodyTooLarge, invalidRequest, unknownField } from '../../errors.ts'
import { ignoredFields } from '../../http/ignored-fields.ts'
import { isMultipart, type Part, readMultipart } from '../../http/multipart/read-multipart.ts'
import { nowSeconds } from '../../identifiers.ts'
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

/**
 * Stores the file of a form as it comes, and holds a piece of it at a time. The store has all of it once all of the form is there and right: until then there
 * is nothing that garbage collection could find, and take for left over. Errors 400 `invalid_request`, `unknown_field`, `training_file_*`; 413 `file_too_large`.
 */
export async function receiveFile(request: Request, files: TrainingFiles, maxBytes: number, signal?: AbortSignal): Promise<FileObject> {
  if (!isMultipart(request)) throw invalidRequest('expected multipart/form-data with "file" and "purpose"')
  const createdAt = nowSeconds()
  const id = await files.newId(createdAt)
  const form = new UploadForm(readMultipart(request, maxBytes + multipartOverhead, signal))
  try {
    const part = await form.file()
    if (!part) throw invalidRequest('expected a file', 'file')
    const rows = new RowsSeen(form.purpose)
    let said: Pick<FileObject, 'purpose' | 'rows' | 'kind' | 'labels'> | undefined
    const { bytes, digest } = await files.write(id, whole())
    const file: FileObject = { id, object: 'file', bytes, createdAt, filename: part.filename ?? '', digest, ...said! }
    await files.put(file)
    return file

    async function* whole(): AsyncGenerator<Uint8Array> {
      let bytes = 0
      for await (const piece of rows.of(part!.content)) {
        bytes += piece.byteLength
        if (bytes > maxBytes) throw bodyTooLarge(undefined, maxBytes)
        yield piece
      }
      await form.file()
      const purpose = form.purpose ?? readPurpose(undefined)
      said = { purpose, ...(purpose === 'fine-tune' && rows.end()) }
    }
  } catch (error) {
    // Garbage at worst, which is collected.
    await files.drop(id).catch(() => {})
    throw error
  } finally {
    await form.leave()
  }
}

/** A form of fields that come in any order. */
class UploadForm {
  /** As far as it has been read. */
  purpose: Purpose | undefined
  readonly #parts: AsyncGenerator<Part, void>
  readonly #seen = new Set<string>()

  constructor(parts: AsyncGenerator<Part, void>) {
    this.#parts = parts
  }

  /** Reads on, and gives the file where it comes; undefined at the form's end. */
  async file(): Promise<Part | undefined> {
    for (let next = await this.#parts.next(); !next.done; next = await this.#parts.next()) {
      const { name, filename } = next.value
      if (Object.hasOwn(ignoredFields, name)) continue
      if (!fields.includes(name)) throw unknownField(name, nearest(name, fields, 1))
      if (this.#seen.has(name)) throw invalidRequest('it is there more than once', name)
      this.#seen.add(name)
      if (name === 'purpose') this.purpose = readPurpose(filename === undefined ? await textOf(next.value) : undefined)
      else if (filename === undefined) throw invalidRequest('expected a file', 'file')
      else if (filename.length > longestName) throw invalidRequest(`its name has ${filename.length} characters; at most ${longestName} are kept`, 'file')
      else return next.value
    }
    return undefined
  }

  /** What is left of the body is there for whoever reads it on. */
  async leave(): Promise<void> {
    await this.#parts.return()
  }
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
