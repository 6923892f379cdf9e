import { type BatchObject, batchEndpoints } from '@weft/protocol'

/** Bytes that are looked at for the first request; a longer one says nothing. */
const LOOKED_AT = 2 ** 20

/** Where the requests of a file go: where its first says so, by its `url`; chats otherwise, and the edge tells what is wrong with them. */
export const endpointOf = (content: Uint8Array): BatchObject['endpoint'] => {
  const [first = ''] = new TextDecoder()
    .decode(content.subarray(0, LOOKED_AT))
    .split('\n')
    .filter((line) => line.trim() !== '')
  return batchEndpoints.find((endpoint) => endpoint === urlOf(first)) ?? '/v1/chat/completions'
}

const urlOf = (line: string): unknown => {
  try {
    return (JSON.parse(line) as { url?: unknown } | null)?.url
  } catch {
    return undefined
  }
}
