import { isHttpUrl } from '@weft/protocol'
import { AwsClient } from 'aws4fetch'
import { bucketMissing, s3Failed, s3Unreachable, s3Variable, s3VariableWrong } from '../errors.ts'

/** One bucket of anything that speaks S3. Keys are whole, with the storage's prefix. */
export interface S3Client {
  readonly bucket: string
  /**
   * Errors `bucket_missing`, `s3_failed`, 503 `storage_unavailable`; that a key is not there (404) is an answer to whoever reads or deletes it, and to nobody else,
   * as 412 and 501 are to whoever asks `if-none-match`.
   */
  ask(method: string, key: string, request?: S3Request): Promise<Response>
}

/** What can be asked of a key that is not there. */
const ofKeys = new Set(['GET', 'HEAD', 'DELETE'])

export interface S3Request {
  query?: Record<string, string>
  headers?: Record<string, string>
  body?: Uint8Array | string
}

/**
 * By the usual variables: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION`, and `AWS_ENDPOINT_URL_S3` or
 * `AWS_ENDPOINT_URL` for a server other than Amazon's, which finds the bucket in the path. Error 400 `s3_not_configured`.
 */
export function s3Client(bucket: string, variables: NodeJS.ProcessEnv): S3Client {
  const needed = (name: string): string => {
    const value = variables[name]
    if (!value) throw s3Variable(name)
    return value
  }
  const region = variables.AWS_REGION || variables.AWS_DEFAULT_REGION || 'us-east-1'
  const named = variables.AWS_ENDPOINT_URL_S3 ? 'AWS_ENDPOINT_URL_S3' : 'AWS_ENDPOINT_URL'
  const own = variables[named]
  if (own && !isHttpUrl(own)) throw s3VariableWrong(named, own)
  const endpoint = own ? `${own.replace(/\/+$/, '')}/${bucket}` : `https://${bucket}.s3.${region}.amazonaws.com`
  const client = new AwsClient({
    accessKeyId: needed('AWS_ACCESS_KEY_ID'),
    secretAccessKey: needed('AWS_SECRET_ACCESS_KEY'),
    ...(variables.AWS_SESSION_TOKEN ? { sessionToken: variables.AWS_SESSION_TOKEN } : {}),
    service: 's3',
    region,
    retries: 3,
  })
  return {
    bucket,
    async ask(method, key, { query = {}, headers = {}, body } = {}) {
      const url = new URL(`${endpoint}/${key.split('/').map(encodeURIComponent).join('/')}`)
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
      const unanswered = (error: Error): never => {
        throw s3Unreachable(endpoint, error.cause ?? error)
      }
      const begun = await client.fetch(url.href, { method, headers, ...(body === undefined ? {} : { body: body as BodyInit }) }).catch(unanswered)
      const response = readAs(begun, unanswered)
      if (response.ok) return response
      const said = await response.text()
      // To whoever asks on a condition it is an answer that it does not hold (412), or that conditions are not known here (501).
      if ('if-none-match' in headers && (response.status === 412 || response.status === 501)) return response
      if (response.status === 404) {
        const [, missing] = /<Code>([^<]*)<\/Code>/.exec(said) ?? []
        const mayBeMissing = key !== '' && ofKeys.has(method)
        if (missing === 'NoSuchBucket' || (missing === undefined && !mayBeMissing)) throw bucketMissing(bucket, own ?? endpoint)
        if (mayBeMissing) return response
      }
      throw s3Failed(`${method} ${key || bucket}`, response.status, said)
    },
  }
}

/** The same answer. @param breaksOff what is thrown to whoever reads it, where it ends too early: it is no other outage than having got none at all */
function readAs(response: Response, breaksOff: (error: Error) => never): Response {
  const reader = response.body?.getReader()
  if (!reader) return response
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await reader.read().catch(breaksOff)
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel: (reason) => reader.cancel(reason),
  })
  return new Response(body, response)
}
