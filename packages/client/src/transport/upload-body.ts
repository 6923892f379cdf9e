/** How much of an upload is on its way: bytes of the file that were taken, of all. */
export type UploadProgress = (sent: number, total: number) => void

/** Whether a body can be sent as a stream. Browsers send none over HTTP/1.1. */
const streamsBodies = (): boolean => !('document' in globalThis)

/**
 * A form as a body whose progress is told, and its content type. Where bodies are no streams, its beginning and its end are told alone.
 * @param total bytes of the form's file
 */
export function uploadBody(form: FormData, total: number, onProgress: UploadProgress): { body: BodyInit; headers: Record<string, string>; sent: () => void } {
  onProgress(0, total)
  if (!streamsBodies()) return { body: form, headers: {}, sent: () => onProgress(total, total) }
  const encoded = new Response(form)
  let bytes = 0
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength
      // What stands around the file in the form is not counted.
      onProgress(Math.min(bytes, total), total)
      controller.enqueue(chunk)
    },
  })
  return { body: encoded.body!.pipeThrough(counted), headers: { 'content-type': encoded.headers.get('content-type')! }, sent() {} }
}
