import { createHash } from 'node:crypto'

/** `sha256:<hex>` of what comes in pieces. */
export async function sha256Of(content: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of content) hash.update(piece)
  return `sha256:${hash.digest('hex')}`
}
