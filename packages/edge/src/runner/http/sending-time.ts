/** The slowest way to a runner that is waited for: 2 Mbit/s. */
const BYTES_PER_SECOND = 250_000

/** How long sending a body may take. What is sent within a second is a part of the wait for its answer. */
export const sendingMs = (body: BodyInit | undefined): number => Math.floor(bytesIn(body) / BYTES_PER_SECOND) * 1000

/** The length of a text is near enough; of a stream nobody knows it. */
function bytesIn(body: BodyInit | string | undefined): number {
  if (typeof body === 'string') return body.length
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return body.byteLength
  if (body instanceof Blob) return body.size
  if (body instanceof FormData) return [...body.values()].reduce((sum, part) => sum + bytesIn(part), 0)
  return 0
}
