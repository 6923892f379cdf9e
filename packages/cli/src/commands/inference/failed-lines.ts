import { type BatchObject, isWeftError } from '@weft/protocol'

/** Lines that are told; the file has all of them. */
const told = 3

type Told = Pick<BatchObject, 'errorFileId' | 'requestCounts'>

/** Why requests of a batch failed: the first of its error file, and how many more there are. Nothing of that file is read beyond them. */
export async function failedLines({ errorFileId, requestCounts }: Told, stream: (id: string) => Promise<ReadableStream<Uint8Array>>): Promise<string[]> {
  if (!errorFileId) return []
  // The file may have been deleted since.
  const content = await stream(errorFileId).catch((error: unknown) => {
    if (!isWeftError(error) || error.status >= 500) throw error
    return undefined
  })
  if (!content) return []
  const lines = await firstLines(content)
  const more = requestCounts.failed - lines.length
  return [...lines.map(reasonOf), ...(more > 0 ? [`  and ${more} more: npx weft files download ${errorFileId} errors.jsonl`] : [])]
}

async function firstLines(content: ReadableStream<Uint8Array>): Promise<string[]> {
  const decoder = new TextDecoder()
  let text = ''
  // Leaving the loop cancels what has not come yet.
  for await (const piece of content) {
    text += decoder.decode(piece, { stream: true })
    if (text.split('\n').length > told) break
  }
  return text.split('\n').filter(Boolean).slice(0, told)
}

interface Failed {
  custom_id: string
  response: { body?: { error?: { message: string } } } | null
  error: { message: string } | null
}

function reasonOf(line: string): string {
  const { custom_id, response, error } = JSON.parse(line) as Failed
  return `  ${custom_id}: ${error?.message ?? response?.body?.error?.message ?? 'no reason was given'}`
}
