/** The slowest way to a runner that is waited for: 2 Mbit/s. */
const BYTES_PER_SECOND = 250_000

/** How long sending a body may take. What is sent within a second is a part of the wait for its answer. */
export const sendingMs = (body: BodyInit | undefined, bytes = bytesIn(body)): number => Math.floor(bytes / BYTES_PER_SECOND) * 1000

/** The length of a text is near enough; of a stream it has to be told. */
function bytesIn(body: BodyInit | undefined): number {
  if (typeof body === 'string') return body.length
  return body instanceof ArrayBuffer || ArrayBuffer.isView(body) ? body.byteLength : 0
}
