import { getEnvironmentVariable } from '@langchain/core/utils/env'
import { type ClientOptions, WeftClient } from '@weft/client'
import { apiKeyMissing } from './errors.ts'

/** Where the edge listens, and as whom to ask it. */
export interface WeftConnection {
  /** `http://127.0.0.1:8787` unless said, or `WEFT_URL`. */
  baseUrl?: string | undefined
  /** `WEFT_API_KEY` unless said. */
  apiKey?: string | undefined
  /** Which tenant to act on, with a key that may act on any. */
  tenant?: string | undefined
}

/** The same with what the environment says filled in. Error `api_key_missing`. */
export function connectionOf({ baseUrl, apiKey, tenant }: WeftConnection): { baseUrl: string; apiKey: string; tenant?: string } {
  const url = baseUrl ?? getEnvironmentVariable('WEFT_URL') ?? 'http://127.0.0.1:8787'
  const key = apiKey ?? getEnvironmentVariable('WEFT_API_KEY')
  if (!key) throw apiKeyMissing()
  // OpenAI's clients have /v1 at the end of an address.
  return { baseUrl: url.replace(/\/(v1\/?)?$/, ''), apiKey: key, ...(tenant === undefined ? {} : { tenant }) }
}

/** @param own the client's settings, where they are not the usual ones */
export const clientOf = (connection: WeftConnection, own: Pick<ClientOptions, 'maxRetries'> = {}): WeftClient =>
  new WeftClient({ ...connectionOf(connection), ...own })
