import { toWire } from '@weft/adapters'
import { type TrainingSpec, trainingSpecSchema } from '@weft/protocol'
import { streamOf } from '../../stream-of.ts'
import type { JobFiles, StoredFile } from '../training.ts'

interface JobForm {
  /** With its boundary, for the header. */
  type: string
  body: ReadableStream<Uint8Array>
  bytes: number
  /** Why a file could not be read, if that is what the body broke off for. */
  failure(): unknown
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The multipart body of `POST /jobs/:id`: files that lie in a store are read while it is sent. */
export function jobForm(spec: TrainingSpec, { training, validation, reference, probes, checkpoint, required }: JobFiles): JobForm {
  const boundary = `weft-${crypto.randomUUID()}`
  const sent: (Uint8Array | StoredFile)[] = []
  const add = (name: string, content: Uint8Array | StoredFile | undefined, extension?: string) => {
    if (!content) return
    const file = extension === undefined ? '' : `; filename="${name}.${extension}"`
    const type = extension === 'jsonl' ? 'application/jsonl' : extension === undefined ? 'application/json' : 'application/octet-stream'
    sent.push(encode(`--${boundary}\r\ncontent-disposition: form-data; name="${name}"${file}\r\ncontent-type: ${type}\r\n\r\n`), content, encode('\r\n'))
  }
  add('spec', encode(JSON.stringify(toWire(trainingSpecSchema, spec))))
  add('training', training, 'jsonl')
  add('validation', validation, 'jsonl')
  add('reference', reference, 'jsonl')
  add('probes', probes, 'jsonl')
  add('checkpoint', checkpoint, 'safetensors')
  required.forEach((bytes, n) => add(`required.${n}`, bytes, 'safetensors'))
  sent.push(encode(`--${boundary}--\r\n`))

  let failure: unknown
  async function* pieces(): AsyncGenerator<Uint8Array> {
    try {
      for (const part of sent)
        if (part instanceof Uint8Array) yield part
        else yield* exactly(part)
    } catch (error) {
      failure = error
      throw error
    }
  }
  /** What the whole body was announced with. */
  async function* exactly({ bytes, stream }: StoredFile): AsyncGenerator<Uint8Array> {
    let left = bytes
    for await (const piece of await stream()) {
      left -= piece.byteLength
      if (left < 0) break
      yield piece
    }
    if (left !== 0) throw new Error(`a stored file has ${left < 0 ? 'more' : 'fewer'} than its ${bytes} bytes`)
  }
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    body: streamOf(pieces()),
    bytes: sent.reduce((sum, part) => sum + (part instanceof Uint8Array ? part.byteLength : part.bytes), 0),
    failure: () => failure,
  }
}
